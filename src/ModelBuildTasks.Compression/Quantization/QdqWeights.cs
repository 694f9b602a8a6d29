using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Writes weights and biases of layers on bytes as integers behind a DequantizeLinear, each once for all layers that read it alike.</summary>
/// <param name="graph">The graph.</param>
/// <param name="parameters">How activations are stored, by name.</param>
/// <param name="nodes">Makes the nodes.</param>
/// <param name="constants">Keeps scales and zero points.</param>
/// <param name="limits">Bounds pairs of weights; null where weights use the whole range of bytes.</param>
/// <param name="biases">Corrects the biases of layers, made before anything is written.</param>
/// <param name="corrections">Which corrections are made.</param>
/// <param name="rounder">Rounds weights.</param>
internal sealed class QdqWeights(
    OnnxGraph graph,
    IReadOnlyDictionary<string, ActivationParameters> parameters,
    QuantizeNodes nodes,
    SharedConstants constants,
    PairLimits? limits,
    BiasCorrector biases,
    CorrectionSwitches corrections,
    IWeightRounder rounder)
{
    private readonly Dictionary<NodeProto, LayerChange> changes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Name, string Weight, float Scale), (string Name, long Bytes)> writtenBiases = [];

    /// <summary>The int8 layers that read one weight along one axis, times one factor.</summary>
    private sealed record SharedWeight(LayerWeight Weight, float Factor, List<(NodeProto Node, bool IsTransposed)> Readers);

    /// <summary>What became of each layer's constants.</summary>
    public IReadOnlyDictionary<NodeProto, LayerChange> Changes => changes;

    /// <summary>Every weight that is stored as bytes, by its float name.</summary>
    public OrderedDictionary<string, StoredWeight> Stored { get; } = [];

    /// <summary>Writes the constants of layers, before their activations are written.</summary>
    /// <param name="layers">The layers, in the order of the graph.</param>
    /// <param name="cancellationToken">Ends it between two weights.</param>
    public void Write(IEnumerable<NodeProto> layers, CancellationToken cancellationToken)
    {
        foreach (var weight in Shared(layers))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(weight);
        }
    }

    private OrderedDictionary<(string, int, float), SharedWeight>.ValueCollection Shared(IEnumerable<NodeProto> layers)
    {
        var weights = new OrderedDictionary<(string, int, float), SharedWeight>();
        foreach (var node in layers)
        {
            var weight = Layers.Weights(node, graph)[0];
            // A Gemm with both alpha and a bias fuses into nothing; the weight takes alpha in.
            var factor = node.OpType == "Gemm" ? node.Single("alpha", 1) : 1;
            var key = (weight.Name, weight.Axis.Axis, factor);
            if (!weights.TryGetValue(key, out var shared))
            {
                weights.Add(key, shared = new SharedWeight(weight, factor, []));
            }

            shared.Readers.Add((node, weight.IsTransposed));
        }

        return weights.Values;
    }

    private void Write(SharedWeight shared)
    {
        var axis = shared.Weight.Axis;
        var bound = Bound(shared);
        var scales = WeightRounding.Scales(new SinglesReader(shared.Weight.Tensor, shared.Factor), axis, bound, corrections.WeightScales);
        var zeroChannels = Array.ConvertAll(scales, scale => scale == 0);
        foreach (var node in shared.Readers.Select(reader => reader.Node).Where(HasBias))
        {
            BiasQuantizer.RaiseScales(scales, Bias(node), InputScale(node), zeroChannels);
        }

        var weight = rounder.ToBytes(new ByteGrid(shared.Weight, shared.Factor, bound, scales), graph.NewPayload);
        var stem = ValueNames.Stem(shared.Weight.Name);
        var quantized = graph.AddInitializer(TensorValues.Create(stem + "_q", DataType.Int8, weight.Values, [.. shared.Weight.Tensor.Dims]));
        var scale = constants.Add(TensorValues.Create(stem + "_s", weight.Scales, axis.Channels));
        // QGemm wants the zero point that it could do without.
        var zeroPoint = constants.Add(TensorValues.Create($"z{axis.Channels}", new sbyte[axis.Channels], axis.Channels));
        var stored = new StoredWeight(quantized, weight, shared.Weight);
        if (shared.Factor == 1)
        {
            Stored.TryAdd(shared.Weight.Name, stored);
        }

        foreach (var (node, isTransposed) in shared.Readers)
        {
            // The bytes of a bias are told where it is written.
            biases.Correct(node, shared.Weight with { IsTransposed = isTransposed }, weight.Restored(axis), shared.Factor);
        }

        foreach (var readers in shared.Readers.GroupBy(reader => reader.IsTransposed))
        {
            var restored = graph.UniqueName(stem + "_d");
            // The bytes are turned once, when the model is loaded.
            var bytes = readers.Key ? Transpose(quantized, graph.UniqueName(stem + "_t")) : quantized;
            nodes.Dequantize(bytes, scale, zeroPoint, restored, readers.Key ? 1 - axis.Axis : axis.Axis);
            foreach (var (node, _) in readers)
            {
                node.RemoveAttribute("alpha");
                graph.SetInput(node, shared.Weight.Input, restored);
                var size = weight.Values.Size() + (5L * axis.Channels);
                changes[node] = new LayerChange(size + (HasBias(node) ? WriteBias(node, shared.Weight.Name, weight.Scales) : 0), weight.Signal, weight.Noise);
            }
        }
    }

    /// <summary>The bound that is tight enough for every layer that reads the bytes; null where none needs one. Read along one axis, a weight is summed in one order, whoever reads it.</summary>
    private PairBound? Bound(SharedWeight shared)
    {
        PairBound? tightest = null;
        foreach (var node in limits is null ? [] : shared.Readers.Select(reader => reader.Node))
        {
            if (PairOrder.Of(node, shared.Weight) is { } order && limits!.Of(node, shared.Weight, parameters[node.Input[0]]) is var limit && limit < (tightest?.Limit ?? PairBound.NoLimit))
            {
                tightest = new PairBound(order, limit);
            }
        }

        return tightest;
    }

    private string Transpose(string value, string result)
    {
        graph.Add(NewNode.Of("Transpose", [value], result));
        return result;
    }

    private static bool HasBias(NodeProto node) => node.OpType != "MatMul" && node.InputOrEmpty(2).Length > 0;

    private float InputScale(NodeProto node) => parameters[node.Input[0]].Scale;

    private ReadOnlySpan<float> Bias(NodeProto node) => graph.Constant(node.Input[2])!.Singles();

    private long WriteBias(NodeProto node, string weightName, float[] weightScales)
    {
        var name = node.Input[2];
        var key = (name, weightName, InputScale(node));
        if (!writtenBiases.TryGetValue(key, out var written))
        {
            var (values, scales) = BiasQuantizer.Quantize(Bias(node), weightScales, key.Item3);
            var stem = ValueNames.Stem(name);
            var quantized = graph.AddInitializer(TensorValues.Create(stem + "_q", values, values.Length));
            var scale = constants.Add(TensorValues.Create(stem + "_s", scales, scales.Length));
            written = (graph.UniqueName(stem + "_d"), 8L * values.Length);
            nodes.Dequantize(quantized, scale, null, written.Name, axis: 0);
            writtenBiases.Add(key, written);
        }

        graph.SetInput(node, 2, written.Name);
        return written.Bytes;
    }
}
