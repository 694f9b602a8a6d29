using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Removes nodes that give what they take. Inputs and outputs of a graph keep their names; a node between the two stays.</summary>
internal static class Identities
{
    public static void Remove(OnnxGraph graph)
    {
        var same = new NoOperations(graph, new ValueShapes(graph, new Dictionary<string, int>()));
        foreach (var node in graph.Nodes)
        {
            if (same.Same(node) is { Length: > 0 } source)
            {
                Bypass(graph, node, source);
            }
        }

        graph.RemoveUnused();
    }

    /// <summary>Removes a node whose first output equals a value, where the value's name or the output's can go.</summary>
    public static void Bypass(OnnxGraph graph, NodeProto node, string source)
    {
        var output = node.Output[0];
        if (!graph.IsGraphOutput(output))
        {
            // A subgraph might mean something else by the value's name.
            if (graph.Consumers(output).All(use => use.Index >= 0))
            {
                graph.Remove(node);
                graph.ReplaceUses(output, source);
            }
        }
        else if (graph.Producer(source) is { } producer && !graph.IsGraphOutput(source) && graph.Consumers(source).All(use => use.Index >= 0))
        {
            graph.Remove(node);
            graph.ReplaceUses(source, output);
            graph.SetOutput(producer, producer.Output.IndexOf(source), output);
        }
    }
}
