using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Gives every node a name of its own, so that a layer is the same one in every load of a model: for KeepFloat, reports, and decisions that are kept in files.</summary>
internal static class NodeNames
{
    /// <summary>
    /// Names the nodes of the main graph and of all subgraphs. The first node with a name keeps it; one without a name, or with one that another has, is called like its first output, with a number where that is
    /// taken too. Depends on nothing but the graph.
    /// </summary>
    public static void MakeUnique(OnnxModel model)
    {
        NodeProto[] nodes = [.. model.EditGraph().WithInner().SelectMany(graph => graph.Proto.Node)];
        var kept = new HashSet<string>();
        var renamed = nodes.Where(node => node.Name.Length == 0 || !kept.Add(node.Name)).ToArray();
        var names = new UniqueNames(kept);
        foreach (var node in renamed)
        {
            node.Name = names.Next(node.Output.FirstOrDefault(output => output.Length > 0) ?? node.OpType);
        }
    }
}
