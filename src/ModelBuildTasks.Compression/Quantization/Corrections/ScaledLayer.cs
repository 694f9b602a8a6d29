using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>The weights and the bias of a layer while channels are scaled.</summary>
internal sealed class ScaledLayer
{
    /// <summary>Elements of the largest weight that is taken: it is held in memory. Weights of convolutions, and of products in models that fit into 2 GiB, have this size at most.</summary>
    private const long LargestWeight = 1 << 23;

    private readonly NodeProto node;
    private readonly LayerWeight source;
    private readonly float[] weights;
    private readonly float[]? bias;
    private bool isChanged;

    public ScaledLayer(NodeProto node, OnnxGraph graph)
    {
        this.node = node;
        source = Layers.Weights(node, graph)[0];
        Layout = WeightLayout.Of(node, source)!.Value;
        weights = source.Tensor.Singles().ToArray();
        bias = node.OpType != "MatMul" && node.InputOrEmpty(2) is { Length: > 0 } name && graph.Constant(name) is { } row ? row.Singles().ToArray() : null;
    }

    public WeightLayout Layout { get; }

    /// <summary>Whether the input channels of a node can be scaled: it is a Conv, Gemm or MatMul with a constant weight that nothing else reads.</summary>
    public static bool IsPossible(NodeProto node, OnnxGraph graph) => MeanAxes.Axis(node, graph) is not null && Layers.Weights(node, graph) is [{ IsTransposed: false } weight] && weight.Tensor.ElementCount() <= LargestWeight
        && graph.Owner(weight.Name) == graph && !graph.IsGraphOutput(weight.Name) && graph.Consumers(weight.Name).Count == 1 && WeightLayout.Of(node, weight) is not null;

    /// <summary>Whether the output channels of such a node can be scaled too: it has no bias, or a constant one with a number for each of them.</summary>
    public static bool HasRow(NodeProto node, OnnxGraph graph) => node.OpType == "MatMul" || node.InputOrEmpty(2) is not { Length: > 0 } name
        || graph.Constant(name) is { Dims.Count: > 0 } bias && bias.ElementType() == DataType.Float && Outputs(node, graph) is var outputs && bias.ElementCount() == outputs && bias.Dims[^1] == outputs;

    /// <summary>How many output channels such a node has.</summary>
    public static int Outputs(NodeProto node, OnnxGraph graph) => Layers.Weights(node, graph)[0].Axis.Channels;

    /// <summary>max |w| of each output channel.</summary>
    public float[] OutputMaxima() => Reduce(Layout.Outputs, (output, _) => output, Math.Max);

    /// <summary>max |w| of each input channel.</summary>
    public float[] InputMaxima() => Reduce(Layout.Inputs, (_, input) => input, Math.Max);

    /// <summary>Σ w² of each output channel.</summary>
    public float[] OutputEnergies() => Reduce(Layout.Outputs, (output, _) => output, (sum, weight) => sum + (weight * weight));

    /// <summary>|b| of each output channel.</summary>
    public float[] BiasMagnitudes() => bias is null ? new float[Layout.Outputs] : Array.ConvertAll(bias, Math.Abs);

    /// <summary>A function of what each output channel reads of each input channel: Σ over the joined pairs, weighted.</summary>
    public double Sum(Func<int, int, float, double> term)
    {
        var sum = 0.0;
        ForEach((index, output, input) => sum += term(output, input, weights[index]));
        return sum;
    }

    /// <summary>What some of the output channels, spread evenly, read of each input channel: [inputs, chosen outputs]. For layers without kernels and groups.</summary>
    /// <param name="most">How many output channels at most.</param>
    public float[] Columns(int most)
    {
        var columns = Math.Min(Layout.Outputs, most);
        var chosen = new float[Layout.Inputs * columns];
        for (var index = 0; index < chosen.Length; index++)
        {
            var (input, output) = (index / columns, (int)((long)(index % columns) * Layout.Outputs / columns));
            chosen[index] = weights[Layout.HasOutputsFirst ? (output * Layout.Inputs) + input : (input * Layout.Outputs) + output];
        }

        return chosen;
    }

    /// <summary>Multiplies each output channel, bias and all, with a power of two.</summary>
    public void ScaleOutputs(int[] exponents)
    {
        ForEach((index, output, _) => weights[index] = MathF.ScaleB(weights[index], exponents[output]));
        for (var channel = 0; channel < bias?.Length; channel++)
        {
            bias[channel] = MathF.ScaleB(bias[channel], exponents[channel]);
        }

        isChanged = true;
    }

    /// <summary>Divides what is read of each input channel by a power of two.</summary>
    public void ScaleInputs(int[] exponents)
    {
        ForEach((index, _, input) => weights[index] = MathF.ScaleB(weights[index], -exponents[input]));
        isChanged = true;
    }

    /// <summary>Lets the layer read what became of its constants.</summary>
    public void Write(OnnxGraph graph)
    {
        if (!isChanged)
        {
            return;
        }

        graph.SetInput(node, source.Input, graph.AddInitializer(TensorValues.Create(source.Name, weights, [.. source.Tensor.Dims])));
        if (bias is not null)
        {
            var name = node.Input[2];
            graph.SetInput(node, 2, graph.AddInitializer(TensorValues.Create(name, bias, [.. graph.Constant(name)!.Dims])));
        }
    }

    private float[] Reduce(int channels, Func<int, int, int> channel, Func<float, float, float> reduce)
    {
        var reduced = new float[channels];
        ForEach((index, output, input) =>
        {
            ref var value = ref reduced[channel(output, input)];
            value = reduce(value, Math.Abs(weights[index]));
        });
        return reduced;
    }

    private void ForEach(Action<int, int, int> action)
    {
        for (var run = 0; run < weights.Length / Layout.Positions; run++)
        {
            var (output, input) = Layout.Channels(run);
            for (var index = run * Layout.Positions; index < (run + 1) * Layout.Positions; index++)
            {
                action(index, output, input);
            }
        }
    }
}
