using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using ModelBuildTasks.Tests.Emulation;

namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Layers with the pair bound, given the activations that come nearest to leaving 16 bits, on this machine and on an emulated processor that adds pairs of products in 16 bits.</summary>
[TestClass]
public sealed class SaturatingLayerTests
{
    private static readonly (string Name, ModelBuilder Model, long[] Input)[] layers =
    [
        Layer("three channels", Conv(3, [16, 3, 3, 3]), [1, 3, 9, 9]),
        Layer("five channels", Conv(4, [16, 5, 3, 3]), [1, 5, 9, 9]),
        Layer("pointwise, odd", Conv(5, [8, 17, 1, 1]), [1, 17, 6, 6]),
        Layer("pointwise, even", Conv(6, [16, 32, 1, 1]), [1, 32, 6, 6]),
        Layer("groups", Conv(7, [8, 3, 3, 3], group: 2), [1, 6, 9, 9]),
        Layer("one dimension", Conv(8, [8, 5, 5]), [1, 5, 20]),
        Layer("depthwise", builder => builder
            .Constant("w0", Weight(9, 16, 16, 1, 1)).Constant("w1", Weight(10, 16, 1, 3, 3)).Constant("w2", Weight(11, 16, 16, 1, 1))
            .Node("Conv", ["x", "w0"], ["a"]).Node("Conv", ["a", "w1"], ["b"], ("group", 16)).Node("Conv", ["b", "w2"], ["y"]), [1, 16, 8, 8]),
        Layer("Gemm", builder => builder.Constant("w", Weight(12, 20, 33)).Constant("b", new float[20], 20).Node("Gemm", ["x", "w", "b"], ["y"], ("transB", 1)), [3, 33]),
        Layer("MatMul", builder => builder.Constant("w", Weight(13, 35, 20)).Node("MatMul", ["x", "w"], ["y"]), [2, 3, 35]),
    ];

    private static readonly Lazy<Dictionary<string, (byte[] Here, byte[] Emulated)>> outputs = new(Run);

    [TestMethod]
    [DataRow("three channels")]
    [DataRow("five channels")]
    [DataRow("pointwise, odd")]
    [DataRow("pointwise, even")]
    [DataRow("groups")]
    [DataRow("one dimension")]
    [DataRow("depthwise")]
    [DataRow("Gemm")]
    [DataRow("MatMul")]
    public void A_layer_with_the_pair_bound_gives_the_same_bits_where_pairs_saturate(string name)
    {
        EmulatedProcessor.Haswell.RequireOrSkip();

        var (here, emulated) = outputs.Value[name];

        Assert.IsGreaterThan(10, here.Distinct().Count());
        CollectionAssert.AreEqual(here, emulated);
    }

    private static Dictionary<string, (byte[] Here, byte[] Emulated)> Run()
    {
        using var runs = new ModelRuns();
        foreach (var (name, model, input) in layers)
        {
            using var quantized = QuantizedModel.StaticFor(DeviceProfiles.WithoutCosts, model);
            Assert.IsTrue(quantized.Layers.All(layer => layer.Format == "int8"), $"{name}: {string.Join(", ", quantized.Layers)}");
            runs.Add(name, quantized.Bytes, [("x", Extremes(input))]);
        }

        var here = Outputs(runs.Run(null));
        var emulated = Outputs(runs.Run(EmulatedProcessor.Haswell));
        return layers.ToDictionary(layer => layer.Name, layer => (here[layer.Name], emulated[layer.Name]));
    }

    private static Dictionary<string, byte[]> Outputs(ModelRuns runs) => layers.ToDictionary(layer => layer.Name, layer => runs.Output(layer.Name, "y"));

    private static (string Name, ModelBuilder Model, long[] Input) Layer(string name, Action<ModelBuilder> build, long[] input)
    {
        var builder = ModelBuilder.Create().Input("x", input).Output("y");
        build(builder);
        return (name, builder, input);
    }

    private static Action<ModelBuilder> Conv(int seed, long[] weight, int group = 1) => builder => builder.Constant("w", Weight(seed, weight)).Node("Conv", ["x", "w"], ["y"], ("group", group));

    /// <summary>Evenly distributed, so that there are many pairs of two large weights.</summary>
    private static TensorProto Weight(int seed, params long[] dims)
    {
        var random = new Random(seed);
        return TensorValues.Create("", [.. Enumerable.Range(0, Count(dims)).Select(_ => (2 * random.NextSingle()) - 1)], dims);
    }

    /// <summary>Values beyond the calibrated range, three of four above it: stored as 255 and 0.</summary>
    private static byte[] Extremes(long[] dims)
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, Count(dims)).Select(_ => random.Next(4) > 0 ? 10f : -10f)];
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static int Count(long[] dims) => (int)dims.Aggregate(1L, (product, dimension) => product * dimension);
}
