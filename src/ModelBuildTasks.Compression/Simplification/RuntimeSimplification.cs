using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>What ONNX Runtime already does well: constant folding and batch normalization folded into convolutions, at the basic level, which stays within portable operators.</summary>
internal static class RuntimeSimplification
{
    /// <summary>Loads the simplified model, or the model itself where the runtime cannot write it simplified.</summary>
    /// <param name="modelPath">The original.</param>
    /// <param name="workFolder">A folder that outlives the returned model: it maps a file there.</param>
    public static OnnxModel Load(string modelPath, string workFolder)
    {
        var simplified = Path.Combine(workFolder, "simplified.onnx");
        try
        {
            ModelSession.Open(modelPath, new SessionSettings { Optimization = SessionOptimization.Basic, OptimizedModelPath = simplified }).Dispose();
        }
        catch (CompressionException)
        {
            // The original was run before: what fails here is only the writing (for example beyond 2 GB).
            return OnnxModel.Load(modelPath);
        }

        var model = OnnxModel.Load(simplified, reportedPath: modelPath);
        RemoveUnusedOperatorSets(model.Proto);
        return model;
    }

    // The runtime lists every operator set it knows; each costs bytes and demands a runtime that knows it too.
    private static void RemoveUnusedOperatorSets(ModelProto model)
    {
        var used = new HashSet<string>(StringComparer.Ordinal) { "" };
        CollectDomains(model.Graph.Node, used);
        foreach (var function in model.Functions)
        {
            used.Add(function.Domain);
            CollectDomains(function.Node, used);
        }

        for (var index = model.OpsetImport.Count - 1; index >= 0; index--)
        {
            if (!used.Contains(CanonicalDomain(model.OpsetImport[index].Domain)))
            {
                model.OpsetImport.RemoveAt(index);
            }
        }
    }

    private static void CollectDomains(IEnumerable<NodeProto> nodes, HashSet<string> domains)
    {
        foreach (var node in nodes)
        {
            domains.Add(CanonicalDomain(node.Domain));
            foreach (var attribute in node.Attribute)
            {
                if (attribute.G is { } graph)
                {
                    CollectDomains(graph.Node, domains);
                }

                foreach (var other in attribute.Graphs)
                {
                    CollectDomains(other.Node, domains);
                }
            }
        }
    }

    private static string CanonicalDomain(string domain) => domain == "ai.onnx" ? "" : domain;
}
