using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Tells a trace what a plan makes of the nodes without weights.</summary>
internal static class PlanTrace
{
    /// <param name="trace">Who wants to know, or null.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="graph">The graph before the plan is written into it.</param>
    public static void Tell(GraphTrace? trace, QuantizationPlan plan, OnnxGraph graph)
    {
        if (trace is null)
        {
            return;
        }

        foreach (var (node, reason) in plan.WhyFloat)
        {
            trace.Tell(node, LayerFormatNames.Of(LayerFormat.Float), reason);
        }

        foreach (var connector in plan.Connectors)
        {
            trace.Tell(connector, LayerFormatNames.Of(LayerFormat.Int8), null);
        }

        foreach (var (absorber, clip) in plan.Absorbed)
        {
            trace.Tell(clip, LayerFormatNames.Of(LayerFormat.Int8), $"it is taken out: the saturation of '{absorber.DisplayName()}' clips");
        }

        TellMerged(trace, plan, graph);
    }

    /// <summary>Tells of what is between layers whose activations have 16 bits.</summary>
    public static void Tell(GraphTrace? trace, Int16Plan plan)
    {
        foreach (var connector in plan.Connectors)
        {
            trace?.Tell(connector, LayerFormatNames.Of(LayerFormat.Int16), null);
        }
    }

    // GemmForms took out sums: the bias of the product in front of them writes what they wrote, or another operator that fuses with nothing.
    private static void TellMerged(GraphTrace trace, QuantizationPlan plan, OnnxGraph graph)
    {
        var present = graph.Nodes.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var formats = plan.Layers.ToDictionary<LayerDecision, NodeProto, LayerFormat>(layer => layer.Node, layer => layer.Format, ReferenceEqualityComparer.Instance);
        foreach (var node in trace.Untold.Where(node => !present.Contains(node) && node.Output.Count > 0))
        {
            if (graph.Producer(node.Output[0]) is { } writer)
            {
                trace.Tell(
                    node,
                    LayerFormatNames.Of(formats.GetValueOrDefault(writer) == LayerFormat.Int8 ? LayerFormat.Int8 : LayerFormat.Float),
                    formats.ContainsKey(writer) ? $"it became the bias of '{writer.DisplayName()}'" : $"it is written as {writer.OpType}, which the runtime fuses with nothing slower");
            }
        }
    }
}
