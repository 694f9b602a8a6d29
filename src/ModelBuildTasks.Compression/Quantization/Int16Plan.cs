using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which layers have activations of 16 bits: the inputs and outputs that static int8 would store as bytes, whatever that costs, since whoever wants 16 bits wants them for another processor than a CPU.</summary>
/// <param name="Layers">Those layers.</param>
/// <param name="WhyNot">Why the activations of other layers that were to have 16 bits stay float.</param>
/// <param name="Connectors">The operators without weights between them.</param>
/// <param name="Activations">The values that are stored in 16 bits, in the order in which they are written.</param>
internal sealed record Int16Plan(IReadOnlySet<NodeProto> Layers, IReadOnlyDictionary<NodeProto, string> WhyNot, IReadOnlyList<NodeProto> Connectors, IReadOnlyList<Int16Activation> Activations)
{
    private static Int16Plan None { get; } = new(new HashSet<NodeProto>(), new Dictionary<NodeProto, string>(), [], []);

    /// <param name="graph">The graph before any plan is written into it.</param>
    /// <param name="opset">The version of the default operator set.</param>
    /// <param name="observed">What was observed of every activation.</param>
    /// <param name="keepFloat">Patterns of nodes that stay float.</param>
    /// <param name="decided">The plan that says which layers are to have 16 bits.</param>
    /// <param name="isSigned">Whether activations are signed.</param>
    public static Int16Plan Of(OnnxGraph graph, int opset, ActivationRanges observed, IReadOnlyList<string> keepFloat, QuantizationPlan decided, bool isSigned)
    {
        var wanted = decided.Layers.Where(layer => layer.Format == LayerFormat.Int16).DistinctBy(layer => layer.Node.DisplayName()).ToDictionary(layer => layer.Node.DisplayName(), _ => new LayerChoice(LayerFormat.Int8));
        if (wanted.Count == 0)
        {
            return None;
        }

        var plan = QuantizationPlanner.Plan(graph, opset, observed, keepFloat, CostTable.None, new FormatAssignment(new LayerChoice(LayerFormat.Float)) { Choices = wanted });
        var layers = plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var connectors = plan.Connectors.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var parameters = new OrderedDictionary<string, Int16Activation>();
        foreach (var activation in plan.Activations)
        {
            var producer = graph.Producer(activation.Value);
            var chosen = producer is not null && connectors.Contains(producer) && ConnectorRules.KeepsScale(producer) ? parameters[producer.Input[0]].Parameters
                : Int16Parameters.FromRange(producer?.IsStandard("Softmax") == true ? new ValueRange(0, 1) : observed.Ranges[activation.Value], isSigned);
            parameters.Add(activation.Value, new(activation.Value, chosen, activation.FromInt8));
        }

        var asBytes = decided.Activations.Select(activation => activation.Value).ToHashSet();
        var why = plan.Layers.Where(layer => layer.Reason is not null).ToDictionary<LayerDecision, NodeProto, string>(layer => layer.Node, layer => layer.Reason!, ReferenceEqualityComparer.Instance);
        return new(layers, why, plan.Connectors, [.. parameters.Values.Where(activation => !asBytes.Contains(activation.Value))]);
    }
}
