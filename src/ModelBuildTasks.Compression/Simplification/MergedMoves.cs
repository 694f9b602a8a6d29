using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Makes two data movements in a row one, or none: Transpose after Transpose, Reshape after Reshape, Squeeze after Unsqueeze.</summary>
internal static class MergedMoves
{
    public static void Apply(OnnxGraph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (!node.IsStandard() || node.Input.Count == 0 || graph.PrivateProducer(node.Input[0]) is not { } before)
            {
                continue;
            }

            switch (node.OpType, before.OpType)
            {
                case ("Transpose", "Transpose") when Order(node) is { } last && Order(before) is { } first && last.Length == first.Length:
                    node.RemoveAttribute("perm");
                    node.With("perm", [.. last.Select(axis => (long)first[axis])]);
                    ReadThrough(graph, node, before);
                    break;
                // A zero copies a dimension of what was there in between.
                case ("Reshape", "Reshape") when graph.Constant(node.InputOrEmpty(1)) is { } shape && !shape.Int64s().Contains(0):
                    ReadThrough(graph, node, before);
                    break;
                case ("Squeeze", "Unsqueeze") when Axes(node, graph) is { } removed && Axes(before, graph) is { } added && removed.All(axis => axis >= 0) && removed.SequenceEqual(added):
                    Identities.Bypass(graph, node, before.Input[0]);
                    break;
            }
        }

        Identities.Remove(graph);
    }

    private static void ReadThrough(OnnxGraph graph, NodeProto node, NodeProto before)
    {
        graph.SetInput(node, 0, before.Input[0]);
        graph.Remove(before);
    }

    private static int[]? Order(NodeProto node) => node.Attribute("perm")?.Ints.Select(axis => (int)axis).ToArray();

    private static long[]? Axes(NodeProto node, OnnxGraph graph) =>
        node.Attribute("axes")?.Ints.Order().ToArray() ?? graph.Constant(node.InputOrEmpty(1))?.Int64s().ToArray().Order().ToArray();
}
