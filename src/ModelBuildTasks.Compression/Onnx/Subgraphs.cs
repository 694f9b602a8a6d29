namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The graphs that nodes hold (bodies of If, Loop, Scan …) and the outer values they read.</summary>
internal static class Subgraphs
{
    public static IEnumerable<GraphProto> Of(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is { } graph)
            {
                yield return graph;
            }

            foreach (var listed in attribute.Graphs)
            {
                yield return listed;
            }
        }
    }

    /// <summary>The values of the outer scope that a node's subgraphs read, each once, in the order of their first use.</summary>
    public static IReadOnlyList<string> OuterNames(NodeProto node)
    {
        if (node.Attribute.Count == 0)
        {
            return [];
        }

        var names = new OrderedDictionary<string, bool>();
        foreach (var graph in Of(node))
        {
            CollectOuterNames(graph, names);
        }

        return [.. names.Keys];
    }

    /// <summary>
    /// Lets the subgraphs of a node read <paramref name="replacement"/> instead of the outer value <paramref name="value"/>.
    /// </summary>
    public static void ReplaceUses(NodeProto node, string value, string replacement)
    {
        foreach (var graph in Of(node))
        {
            if (Defined(graph).Contains(value))
            {
                // The inner value of that name hides the outer one.
                continue;
            }

            foreach (var inner in graph.Node)
            {
                for (var i = 0; i < inner.Input.Count; i++)
                {
                    inner.Input[i] = inner.Input[i] == value ? replacement : inner.Input[i];
                }

                ReplaceUses(inner, value, replacement);
            }

            foreach (var output in graph.Output.Where(output => output.Name == value))
            {
                output.Name = replacement;
            }
        }
    }

    /// <summary>Every name in a graph and its subgraphs: values, tensors and nodes.</summary>
    public static IEnumerable<string> Names(GraphProto graph) => graph.Input.Concat(graph.Output).Concat(graph.ValueInfo)
        .Select(info => info.Name)
        .Concat(graph.Initializer.Select(tensor => tensor.Name))
        .Concat(graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? ""))
        .Concat(graph.Node.SelectMany(Names));

    /// <summary>Every name in a node and its subgraphs.</summary>
    public static IEnumerable<string> Names(NodeProto node) =>
        node.Input.Concat(node.Output).Append(node.Name).Concat(Of(node).SelectMany(Names));

    private static void CollectOuterNames(GraphProto graph, OrderedDictionary<string, bool> names)
    {
        var defined = Defined(graph);
        var used = graph.Node.SelectMany(node => node.Input.Concat(OuterNames(node))).Concat(graph.Output.Select(output => output.Name));
        foreach (var name in used)
        {
            if (name.Length > 0 && !defined.Contains(name))
            {
                names.TryAdd(name, true);
            }
        }
    }

    private static HashSet<string> Defined(GraphProto graph) => graph.Input.Select(input => input.Name)
        .Concat(graph.Initializer.Select(tensor => tensor.Name))
        .Concat(graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? ""))
        .Concat(graph.Node.SelectMany(node => node.Output))
        .ToHashSet();
}
