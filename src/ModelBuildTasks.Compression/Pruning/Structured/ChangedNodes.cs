using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>The nodes that compute something else once channels are gone.</summary>
internal static class ChangedNodes
{
    /// <summary>Their names.</summary>
    /// <param name="channels">The graph as it was analysed.</param>
    /// <param name="removed">The classes that are gone.</param>
    public static IReadOnlySet<string> Of(ChannelGraph channels, IReadOnlySet<int> removed)
    {
        return Behind(channels.Graph, channels.Values.Where(value => value.Value.Any(axis => axis?.Any(position => removed.Contains(channels.Classes.Of(position))) == true)).Select(value => value.Key));
    }

    /// <summary>The names of the nodes that compute something of some values.</summary>
    public static IReadOnlySet<string> Behind(OnnxGraph graph, IEnumerable<string> changed)
    {
        var values = changed.ToHashSet(StringComparer.Ordinal);
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Input.Any(values.Contains) || Subgraphs.OuterNames(node).Any(values.Contains))
            {
                nodes.Add(node.Name);
                values.UnionWith(node.Output);
            }
        }

        return nodes;
    }
}
