using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Writes QuantizeLinear and DequantizeLinear around the activations that a plan stores as bytes.</summary>
/// <param name="graph">The graph.</param>
/// <param name="plan">The plan.</param>
/// <param name="int8Layers">Its layers on bytes.</param>
/// <param name="connectors">What computes on bytes between them.</param>
/// <param name="nodes">Makes the nodes.</param>
/// <param name="constants">Keeps scales and zero points.</param>
/// <param name="format">As signed bytes where it is <see cref="NumericFormat.Int8"/>, else as unsigned ones.</param>
internal sealed class QdqActivations(OnnxGraph graph, QuantizationPlan plan, IReadOnlySet<NodeProto> int8Layers, IReadOnlySet<NodeProto> connectors, QuantizeNodes nodes, SharedConstants constants, NumericFormat format)
{
    private readonly Dictionary<NodeProto, NodeProto> absorbers = new(
        plan.Absorbed.Select(pair => KeyValuePair.Create(pair.Value, pair.Key)), ReferenceEqualityComparer.Instance);

    /// <summary>Writes every activation of the plan.</summary>
    public void Write()
    {
        foreach (var activation in plan.Activations)
        {
            Write(activation);
        }
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
        foreach (var reader in readers.Where(reader => reader.Index == 0 && int8Layers.Contains(reader.Node)))
        {
            graph.SetInput(reader.Node, 0, restored);
        }
    }

    /// <summary>The zero point in the type of the activations: a signed byte is the unsigned one less 128, so that every value has the same place in either.</summary>
    private TensorProto ZeroPoint(ActivationParameters stored) => format == NumericFormat.Int8
        ? TensorValues.Create($"z_{stored.SignedZeroPoint}", [(sbyte)stored.SignedZeroPoint])
        : TensorValues.Create($"z_{stored.ZeroPoint}", [(byte)stored.ZeroPoint]);

    /// <summary>
    /// Puts a Max of one operand, which is that operand, in front of readers that must not see the DequantizeLinear: nobody looks through it. A float layer right behind one is quantized by the runtime when
    /// it loads the model, with one scale for the whole weight (WeightBiasQuantization, seen to turn a convolution that KeepFloat names into QLinearConv; a MatMul may have become a Gemm by then). And the
    /// runtime moves it behind operators that move values, which crashes where a subgraph reads the result (QDQPropagation of 1.31.1, seen with MaxPool and Transpose in front of If).
    /// </summary>
    private void Shield(string value, string stem)
    {
        var readers = graph.Consumers(value).Where(reader => reader.Index == 0 && !int8Layers.Contains(reader.Node) && !connectors.Contains(reader.Node)
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
