using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>Collects what passes tell of each node of a graph, subgraphs included. It knows every node as it was before the first edit; nodes that passes add are none of its.</summary>
internal sealed class GraphTrace
{
    private const string Float = "float";
    private readonly OrderedDictionary<NodeProto, NodeTrace> nodes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> told = new(ReferenceEqualityComparer.Instance);

    private GraphTrace()
    {
    }

    /// <summary>Each node in the order of the graph, those of its subgraphs right behind it.</summary>
    public IEnumerable<NodeTrace> Nodes => nodes.Values;

    /// <summary>The nodes of which nothing was told.</summary>
    public IReadOnlyList<NodeProto> Untold => [.. nodes.Keys.Where(node => !told.Contains(node))];

    /// <summary>A trace of a graph that no pass has edited.</summary>
    public static GraphTrace Of(GraphProto graph)
    {
        var trace = new GraphTrace();
        trace.Add(graph, "", null);
        return trace;
    }

    /// <summary>What became of a node; the last word holds, and a node that is none of the graph's is passed over.</summary>
    /// <param name="node">The node.</param>
    /// <param name="format">int8, int8-dynamic, int8-weights, int4-weights, shared, float16 or float.</param>
    /// <param name="reason">Why not more.</param>
    public void Tell(NodeProto node, string format, string? reason)
    {
        if (nodes.TryGetValue(node, out var known))
        {
            nodes[node] = known with { Format = format, Reason = reason };
            told.Add(node);
        }
    }

    /// <summary>Why every node of the main graph stays float of which nothing was told; those in subgraphs stay float for being there.</summary>
    public void TellOthers(string reason)
    {
        foreach (var node in Untold.Where(node => nodes[node].Reason is null))
        {
            Tell(node, Float, reason);
        }
    }

    private void Add(GraphProto graph, string path, string? reason)
    {
        foreach (var node in graph.Node)
        {
            nodes.Add(node, new NodeTrace(node.DisplayName(), node.OpType, path, Float, reason));
            foreach (var attribute in node.Attribute)
            {
                var inner = $"{(path.Length == 0 ? "" : path + "/")}{node.DisplayName()}/{attribute.Name}";
                foreach (var subgraph in attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G))
                {
                    Add(subgraph, inner, $"it is inside a subgraph of {node.OpType} '{node.DisplayName()}'");
                }
            }
        }
    }
}
