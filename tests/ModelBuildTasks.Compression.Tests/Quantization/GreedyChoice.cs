using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>A plan made without looking ahead: one operator at a time is dropped, with those that fall with it, while that costs less.</summary>
internal static class GreedyChoice
{
    public static IReadOnlySet<NodeProto> Of(OnnxGraph graph, BytesState all, PlanCosts costs)
    {
        var connectors = all.Operators.Where(node => !node.IsLayer(graph)).ToArray();
        var state = all;
        for (var dropped = true; dropped;)
        {
            dropped = false;
            foreach (var node in graph.Nodes.Where(connectors.Contains).Concat(graph.Nodes.Where(node => node.IsLayer(graph))).Where(node => state.Operators.Contains(node) && costs.Of(node, onBytes: true) is not null))
            {
                var without = Settled(state.Without([node]), graph);
                if (costs.Weighed(without, connectors) < costs.Weighed(state, connectors))
                {
                    (state, dropped) = (without, true);
                }
            }
        }

        return state.Operators;
    }

    private static BytesState Settled(BytesState state, OnnxGraph graph)
    {
        while (state.Operators.FirstOrDefault(node => !node.IsLayer(graph) && (!BytesState.Inputs(node).All(state.IsBytes) || !state.ByteReaders(node).Any())) is { } misfit)
        {
            state = state.Without([misfit]);
        }

        return state;
    }
}
