using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>
/// Follows channels through a graph: from the layers that make them through everything that must have as many (compare Fang et al. 2023, "DepGraph: Towards Any Structural Pruning"). What reaches an output of the model, an operator
/// without a rule or a subgraph stays.
/// </summary>
internal static class ChannelAnalysis
{
    /// <summary>Analyses the main graph of a model by the shapes of one run.</summary>
    /// <param name="model">The model; its nodes have names of their own.</param>
    /// <param name="samples">What it is run on; null for zeros.</param>
    /// <param name="index">Which sample.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static ChannelGraph Of(OnnxModel model, SampleSet? samples, int index, CancellationToken cancellationToken) =>
        Of(model.EditGraph(), ValueDimensions.Of(model, samples, index, cancellationToken), model.Opset);

    /// <summary>Analyses a main graph.</summary>
    /// <param name="graph">The graph; its nodes have names of their own.</param>
    /// <param name="dimensions">The dimensions of its values in a run.</param>
    /// <param name="opset">The version of its operators.</param>
    public static ChannelGraph Of(OnnxGraph graph, IReadOnlyDictionary<string, long[]> dimensions, int opset)
    {
        var channels = new ChannelGraph(graph, dimensions, opset);
        foreach (var node in graph.Nodes.Where(node => !node.IsConstant()))
        {
            if (WhyNot(node, channels) is { } reason)
            {
                channels.KeepInputs(node, reason);
            }
            else if (!LayerRules.TryApply(node, channels) && !ElementwiseRules.TryApply(node, channels) && !MoveRules.TryApply(node, channels) && !ReductionRules.TryApply(node, channels))
            {
                channels.KeepInputs(node, $"{node.OpType} '{node.Name}' is not understood");
            }

            foreach (var value in Subgraphs.OuterNames(node))
            {
                channels.Keep(value, $"a subgraph of {node.OpType} '{node.Name}' reads them");
            }
        }

        foreach (var output in graph.Proto.Output)
        {
            channels.Keep(output.Name, $"they are those of the output '{output.Name}'");
        }

        return channels;
    }

    private static string? WhyNot(NodeProto node, ChannelGraph channels) =>
        Subgraphs.Of(node).Any() ? $"{node.OpType} '{node.Name}' holds subgraphs"
        : !node.IsStandard() && !(node.Domain == "com.microsoft" && node.Input.Count == 1) ? $"{node.Domain} {node.OpType} '{node.Name}' is not understood"
        : node.Input.Any(input => input.Length > 0 && channels.Dimensions(input) is null) || node.Output.Count == 0 || channels.Dimensions(node.Output[0]) is null ? $"the shapes of {node.OpType} '{node.Name}' are not known"
        : node.Input.Count == 0 ? "it reads nothing"
        : null;
}
