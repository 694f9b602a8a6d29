using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What lies along axes over which sums are taken has to stay, since a mean or a norm over fewer is another one; along the other axes it passes (docs/Operators.md of ONNX).</summary>
internal static class ReductionRules
{
    /// <summary>From this version on Softmax is over one axis, and not over all behind it.</summary>
    private const int FirstOpsetOfOneAxis = 13;

    /// <summary>Applies the rule of a node's operator; false where it has none here.</summary>
    public static bool TryApply(NodeProto node, ChannelGraph graph)
    {
        if (node.OpType is "Softmax" or "LogSoftmax" or "Hardmax")
        {
            var rank = graph.Dimensions(node.Input[0])!.Length;
            var isOne = graph.Opset >= FirstOpsetOfOneAxis;
            var axis = Axis(node.Int64("axis", isOne ? -1 : 1), rank);
            Reduce(node, graph, isOne ? [axis] : Enumerable.Range(axis, rank - axis), keeps: true);
            return true;
        }

        if (node.OpType is "LayerNormalization")
        {
            var rank = graph.Dimensions(node.Input[0])!.Length;
            var axis = Axis(node.Int64("axis", -1), rank);
            Reduce(node, graph, Enumerable.Range(axis, rank - axis), keeps: true);
            return true;
        }

        if (!node.OpType.StartsWith("Reduce", StringComparison.Ordinal))
        {
            return false;
        }

        var dims = graph.Dimensions(node.Input[0])!;
        var given = NodeNumbers.Of(node, 1, "axes", graph.Graph);
        if (given is null && node.InputOrEmpty(1).Length > 0)
        {
            return false;
        }

        var reduced = given is { Length: > 0 } ? given.Select(each => Axis(each, dims.Length)) : node.Int64("noop_with_empty_axes", 0) != 0 ? [] : Enumerable.Range(0, dims.Length);
        Reduce(node, graph, reduced, node.Int64("keepdims", 1) != 0);
        return true;
    }

    private static void Reduce(NodeProto node, ChannelGraph graph, IEnumerable<int> reduced, bool keeps)
    {
        var axes = reduced.ToHashSet();
        var next = 0;
        for (var axis = 0; axis < graph.Dimensions(node.Input[0])!.Length; axis++)
        {
            var positions = graph.Axis(node.Input[0], axis);
            if (axes.Contains(axis))
            {
                graph.Classes.Keep(positions ?? [], $"{node.OpType} '{node.Name}' reduces or normalises over them");
                next += keeps ? 1 : 0;
                continue;
            }

            graph.SetAxis(node.Output[0], next++, positions);
        }
    }

    private static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}
