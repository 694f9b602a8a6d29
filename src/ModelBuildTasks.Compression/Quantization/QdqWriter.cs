using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Writes a plan into its graph: QuantizeLinear and DequantizeLinear around what computes on bytes, weights and biases as integers behind a DequantizeLinear.</summary>
/// <param name="graph">The graph, not edited since the plan was made.</param>
/// <param name="plan">The plan.</param>
/// <param name="nodes">Makes the nodes.</param>
/// <param name="activations">How activations are stored: as signed bytes where it is <see cref="NumericFormat.Int8"/>, else as unsigned ones.</param>
/// <param name="limits">Bounds pairs of weights; null where weights use the whole range of bytes.</param>
/// <param name="biases">Corrects the biases of layers, made before anything is written.</param>
/// <param name="corrections">Which corrections are made.</param>
internal sealed class QdqWriter(OnnxGraph graph, QuantizationPlan plan, QuantizeNodes nodes, NumericFormat activations, PairLimits? limits, BiasCorrector biases, CorrectionSwitches corrections)
{
    private readonly SharedConstants constants = new(graph);
    private readonly Dictionary<string, ActivationParameters> parameters =
        plan.Activations.ToDictionary(activation => activation.Value, activation => activation.Parameters);

    private readonly OrderedDictionary<NodeProto, bool> int8Layers = new(
        plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => KeyValuePair.Create(layer.Node, true)), ReferenceEqualityComparer.Instance);

    private readonly HashSet<NodeProto> connectors = new(plan.Connectors, ReferenceEqualityComparer.Instance);

    private readonly Dictionary<NodeProto, NodeProto> absorbers = new(
        plan.Absorbed.Select(pair => KeyValuePair.Create(pair.Value, pair.Key)), ReferenceEqualityComparer.Instance);

    private readonly Dictionary<NodeProto, LayerChange> changes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Name, string Weight, float Scale), (string Name, long Bytes)> writtenBiases = [];

    /// <summary>The int8 layers that read one weight along one axis, times one factor.</summary>
    private sealed record SharedWeight(LayerWeight Weight, float Factor, List<(NodeProto Node, bool IsTransposed)> Readers);

    /// <summary>Every weight that is stored as bytes, by its float name, for readers which the plan leaves float.</summary>
    public OrderedDictionary<string, StoredWeight> Stored { get; } = [];

    /// <summary>Edits the graph and tells what became of each int8 layer's constants.</summary>
    public IReadOnlyDictionary<NodeProto, LayerChange> Write(CancellationToken cancellationToken)
    {
        foreach (var weight in Weights())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(weight);
        }

        foreach (var node in int8Layers.Keys.Where(node => node.OpType is "Gemm" or "MatMul" && !plan.Absorbed.ContainsKey(node)))
        {
            if (FloatClips.Behind(node.Output[0], graph) is { } clip && !connectors.Contains(clip))
            {
                FloatClips.Rewrite(clip, graph);
            }
        }

        foreach (var activation in plan.Activations)
        {
            Write(activation);
        }

        return changes;
    }

    private OrderedDictionary<(string, int, float), SharedWeight>.ValueCollection Weights()
    {
        var weights = new OrderedDictionary<(string, int, float), SharedWeight>();
        foreach (var node in int8Layers.Keys)
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
        var values = new SinglesReader(shared.Weight.Tensor, shared.Factor);
        var bound = Bound(shared);
        var scales = bound is { } pairs ? PairBoundQuantizer.Scales(values, axis, pairs)
            : corrections.WeightScales ? ScaleSearch.Scales(values, axis, WeightQuantizer.Maximum)
            : WeightQuantizer.Scales(values, axis);
        var zeroChannels = Array.ConvertAll(scales, scale => scale == 0);
        foreach (var node in shared.Readers.Select(reader => reader.Node).Where(HasBias))
        {
            BiasQuantizer.RaiseScales(scales, Bias(node), InputScale(node), zeroChannels);
        }

        var weight = bound is { } bounded ? PairBoundQuantizer.Quantize(values, axis, bounded, scales, graph.NewPayload) : WeightQuantizer.Quantize(values, axis, scales, graph.NewPayload);
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
            biases.Correct(node, shared.Weight with { IsTransposed = isTransposed }, stored, shared.Factor);
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

    private void Write(QuantizedActivation activation)
    {
        var stem = ValueNames.Stem(activation.Value);
        var scale = constants.Add(TensorValues.Create(stem + "_s", [activation.Parameters.Scale]));
        var zeroPoint = constants.Add(ZeroPoint(activation.Parameters));
        var quantized = graph.UniqueName(stem + "_q");
        if (activation.FromInt8)
        {
            var computed = graph.UniqueName(stem + "_f");
            Rename(activation.Value, computed);
            nodes.Quantize(computed, scale, zeroPoint, quantized);
            nodes.Dequantize(quantized, scale, zeroPoint, activation.Value);
            Shield(activation.Value, stem);
            return;
        }

        var readers = graph.Consumers(activation.Value);
        var restored = graph.UniqueName(stem + "_d");
        nodes.Quantize(activation.Value, scale, zeroPoint, quantized);
        nodes.Dequantize(quantized, scale, zeroPoint, restored);
        foreach (var reader in readers.Where(reader => reader.Index == 0 && int8Layers.ContainsKey(reader.Node)))
        {
            graph.SetInput(reader.Node, 0, restored);
        }
    }

    /// <summary>The zero point in the type of the activations: a signed byte is the unsigned one less 128, so that every value has the same place in either.</summary>
    private TensorProto ZeroPoint(ActivationParameters stored) => activations == NumericFormat.Int8
        ? TensorValues.Create($"z_{stored.SignedZeroPoint}", [(sbyte)stored.SignedZeroPoint])
        : TensorValues.Create($"z_{stored.ZeroPoint}", [(byte)stored.ZeroPoint]);

    /// <summary>
    /// Puts a Max of one operand, which is that operand, in front of readers that must not see the DequantizeLinear: nobody looks through it. A float layer right behind one is quantized by the runtime when
    /// it loads the model, with one scale for the whole weight (WeightBiasQuantization, seen to turn a convolution that KeepFloat names into QLinearConv; a MatMul may have become a Gemm by then). And the
    /// runtime moves it behind operators that move values, which crashes where a subgraph reads the result (QDQPropagation of 1.31.1, seen with MaxPool and Transpose in front of If).
    /// </summary>
    private void Shield(string value, string stem)
    {
        var readers = graph.Consumers(value).Where(reader => reader.Index == 0 && !int8Layers.ContainsKey(reader.Node) && !connectors.Contains(reader.Node)
            && (reader.Node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" || LeadsIntoSubgraph(reader.Node))).ToArray();
        if (readers.Length == 0)
        {
            return;
        }

        var shield = graph.UniqueName(stem + "_m");
        graph.Add(NewNode.Of("Max", [value], shield));
        foreach (var reader in readers)
        {
            graph.SetInput(reader.Node, 0, shield);
        }
    }

    private bool LeadsIntoSubgraph(NodeProto node) => node.IsStandard() && ConnectorRules.KeepsScale(node) && !connectors.Contains(node)
        && node.Output.SelectMany(graph.Consumers).Any(use => use.Index < 0 || LeadsIntoSubgraph(use.Node));

    /// <summary>Lets the operator that computes a value write it under another name; a Relu or Clip between is taken out.</summary>
    private void Rename(string value, string computed)
    {
        var producer = graph.Producer(value)!;
        var output = value;
        if (absorbers.TryGetValue(producer, out var absorber))
        {
            graph.Remove(producer);
            output = producer.Input[0];
            producer = absorber;
        }

        graph.SetOutput(producer, producer.Output.IndexOf(output), computed);
    }
}
