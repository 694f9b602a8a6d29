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
        var original = OnnxModel.Load(modelPath);
        try
        {
            var source = modelPath;
            if (DefaultWeights.MakeConstant(original))
            {
                source = Path.Combine(workFolder, "constant.onnx");
                original.Save(source);
            }

            var simplified = Path.Combine(workFolder, "simplified.onnx");
            try
            {
                ModelSession.Open(source, new SessionSettings { Optimization = SessionOptimization.Basic, OptimizedModelPath = simplified }).Dispose();
            }
            catch (CompressionException)
            {
                // The original was run before: what fails here is only the writing (for example beyond 2 GB).
                return original;
            }

            var model = OnnxModel.Load(simplified, reportedPath: modelPath);
            SharedWeights.RestoreTransposes(model, original.Proto.Graph);
            SharedWeights.MergeEqual(model);
            RemoveUnusedOperatorSets(model.Proto);
            original.Dispose();
            return model;
        }
        catch
        {
            original.Dispose();
            throw;
        }
    }

    // The runtime lists every operator set it knows; each costs bytes and demands a runtime that knows it too.
    private static void RemoveUnusedOperatorSets(ModelProto model)
    {
        var nodes = Nodes(model.Graph.Node.Concat(model.Functions.SelectMany(function => function.Node)));
        var used = nodes.Select(node => node.Domain).Concat(model.Functions.Select(function => function.Domain)).Append("").Select(OnnxModel.CanonicalDomain).ToHashSet();
        for (var index = model.OpsetImport.Count - 1; index >= 0; index--)
        {
            if (!used.Contains(OnnxModel.CanonicalDomain(model.OpsetImport[index].Domain)))
            {
                model.OpsetImport.RemoveAt(index);
            }
        }
    }

    private static IEnumerable<NodeProto> Nodes(IEnumerable<NodeProto> nodes) =>
        nodes.SelectMany(node => Nodes(Subgraphs.Of(node).SelectMany(graph => graph.Node)).Prepend(node));
}
