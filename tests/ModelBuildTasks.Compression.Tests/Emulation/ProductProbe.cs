using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>A convolution or a matrix product that is probed.</summary>
/// <param name="Name">Tells it in messages and names its files.</param>
/// <param name="Operation">Conv, Gemm or MatMul.</param>
/// <param name="Pairs">The pairs of elements of a channel.</param>
/// <param name="Input">The shape of the activations.</param>
/// <param name="Weight">The shape of the weight.</param>
/// <param name="ChannelAxis">The dimension of the weight that counts output channels.</param>
/// <param name="Output">The shape of the result.</param>
/// <param name="Attributes">Attributes of the operator.</param>
internal sealed record ProductProbe(string Name, string Operation, ProbedPairs Pairs, long[] Input, long[] Weight, int ChannelAxis, long[] Output, params (string Name, object Value)[] Attributes) : PairProbe(Name)
{
    /// <summary>What an exact sum is as an output byte of a convolution.</summary>
    private const byte ExactByte = 250;

    private bool IsConvolution => Operation == "Conv";

    private int Channels => (int)Weight[ChannelAxis];

    /// <summary>A matrix product of activations [rows, depth].</summary>
    public static ProductProbe MatMul(int rows, int depth) => MatMul([rows], depth);

    /// <summary>A matrix product of activations [batch …, rows, depth].</summary>
    public static ProductProbe MatMul(long[] rows, int depth)
    {
        var pairs = ProbedPairs.All(depth);
        return new($"MatMul of {string.Join('x', rows)}x{depth}", "MatMul", pairs, [.. rows, depth], [depth, pairs.Count], 1, [.. rows, pairs.Count]);
    }

    /// <summary>A matrix product longer than the blocks in which kernels sum.</summary>
    public static ProductProbe LongMatMul(int depth)
    {
        var pairs = ProbedPairs.Neighbours(depth);
        return new($"MatMul of 2x{depth}", "MatMul", pairs, [2, depth], [depth, pairs.Count], 1, [2, pairs.Count]);
    }

    /// <summary>A matrix product whose weight is [channels, depth] where it is transposed.</summary>
    public static ProductProbe Gemm(int rows, int depth, bool transposed)
    {
        var pairs = ProbedPairs.All(depth);
        return new(
            $"Gemm of {rows}x{depth}{(transposed ? " transposed" : "")}", "Gemm", pairs, [rows, depth], transposed ? [pairs.Count, depth] : [depth, pairs.Count], transposed ? 0 : 1, [rows, pairs.Count], ("transB", transposed ? 1 : 0));
    }

    /// <summary>A convolution at three places in each dimension.</summary>
    /// <param name="inputs">Input channels of each group.</param>
    /// <param name="kernel">The extents of the kernel.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="alignment">Output channels of each group are a multiple of it; there are kernels for that.</param>
    public static ProductProbe Conv(int inputs, int[] kernel, int groups = 1, int alignment = 1)
    {
        var pairs = ProbedPairs.All(inputs * kernel.Aggregate(1, (product, extent) => product * extent));
        return Conv(pairs, inputs, kernel, groups, groups * Aligned(pairs.Count, alignment));
    }

    /// <summary>A convolution with one input channel in each group.</summary>
    /// <param name="kernel">The extents of the kernel.</param>
    /// <param name="multiplier">Output channels of each group.</param>
    /// <param name="alignment">Groups are a multiple of it.</param>
    public static ProductProbe Depthwise(int[] kernel, int multiplier = 1, int alignment = 1)
    {
        var pairs = ProbedPairs.All(kernel.Aggregate(1, (product, extent) => product * extent));
        var groups = Aligned((pairs.Count + multiplier - 1) / multiplier, alignment);
        return Conv(pairs, 1, kernel, groups, groups * multiplier);
    }

    public override (string Name, byte[] Values)[] Inputs
    {
        get
        {
            var values = new byte[Product(Input)];
            Array.Fill(values, byte.MaxValue);
            return [("x", values)];
        }
    }

    public override ModelBuilder Quantized()
    {
        var ones = new float[Channels];
        Array.Fill(ones, 1);
        var builder = ModelBuilder.Create()
            .Input("x", DataType.Uint8, [.. Input.Cast<object>()])
            .Constant("one", [1f]).Constant("ones", ones, Channels)
            .Constant("x_zero", TensorValues.Create("", new byte[1])).Constant("w_zero", TensorValues.Create("", new sbyte[Channels], Channels))
            .Constant("w", TensorValues.Create("", Weights(), Weight))
            .Node("DequantizeLinear", ["x", "one", "x_zero"], ["x_float"])
            .Node("DequantizeLinear", ["w", "ones", "w_zero"], ["w_float"], ("axis", ChannelAxis))
            .Node(Operation, ["x_float", "w_float"], [IsConvolution ? "y_float" : "y"], Attributes);
        return IsConvolution
            ? builder.Constant("y_scale", [(float)ProbedPairs.Sum / ExactByte]).Node("QuantizeLinear", ["y_float", "y_scale", "x_zero"], ["y"]).Output("y", DataType.Uint8, [.. Output.Cast<object>()])
            : builder.Output("y", Output);
    }

    public override ModelBuilder Float() => ModelBuilder.Create()
        .Input("x", Input).Output("y", Output)
        .Constant("w", new float[Product(Weight)], Weight)
        .Node(Operation, ["x", "w"], ["y"], Attributes);

    public override IReadOnlyList<(int First, int Second)> Saturated(byte[] output)
    {
        var shares = IsConvolution
            ? Array.ConvertAll(output, value => (float)value / ExactByte)
            : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(output).ToArray(), value => value / ProbedPairs.Sum);
        return Pairs.Saturated(shares, Channels, IsConvolution ? (int)Product(Output[2..]) : 1);
    }

    private static ProductProbe Conv(ProbedPairs pairs, int inputs, int[] kernel, int groups, int outputs)
    {
        const int Places = 3;
        return new(
            $"Conv {string.Join('x', kernel)} of {groups}x{inputs} to {outputs} channels",
            "Conv",
            pairs,
            [1, groups * inputs, .. kernel.Select(extent => (long)(extent + Places - 1))],
            [outputs, inputs, .. kernel.Select(extent => (long)extent)],
            0,
            [1, outputs, .. kernel.Select(_ => (long)Places)],
            ("group", groups));
    }

    private static int Aligned(int count, int alignment) => (count + alignment - 1) / alignment * alignment;

    private static long Product(long[] dimensions) => dimensions.Aggregate(1L, (product, dimension) => product * dimension);

    private sbyte[] Weights()
    {
        var weights = new sbyte[Product(Weight)];
        var elements = weights.Length / Channels;
        for (var channel = 0; channel < Channels; channel++)
        {
            var (first, second) = Pairs.Of(channel);
            foreach (var element in new[] { first, second })
            {
                weights[ChannelAxis == 0 ? (channel * elements) + element : (element * Channels) + channel] = ProbedPairs.Weight;
            }
        }

        return weights;
    }
}
