using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>What ONNX Runtime already does well: constant folding and batch normalization folded into convolutions, at the basic level, which stays within portable operators. Then what it leaves to do.</summary>
internal static class RuntimeSimplification
{
    /// <summary>Loads the simplified model, or the model itself where it is beyond 2 GiB (the runtime would hold it in memory more than once) or the runtime cannot write it simplified.</summary>
    /// <param name="modelPath">The original.</param>
    /// <param name="workFolder">A folder that outlives the returned model: its files lie there.</param>
    /// <param name="simplifiedPath">Where the runtime writes the simplified model, or wrote it before for another variant; null is in the work folder.</param>
    public static OnnxModel Load(string modelPath, string workFolder, string? simplifiedPath = null)
    {
        var original = OnnxModel.Load(modelPath, scratchFolder: workFolder);
        try
        {
            var changed = DefaultWeights.MakeConstant(original);
            if (original.IsLarge)
            {
                SparseWeights.WriteOut(original);
                SharedWeights.MergeEqual(original);
                GraphSimplification.Apply(original);
                return original;
            }

            var simplified = simplifiedPath ?? Path.Combine(workFolder, "simplified.onnx");
            try
            {
                if (!File.Exists(simplified))
                {
                    Simplify(original, changed, simplified, workFolder);
                }
            }
            catch (CompressionException)
            {
                // The original was loaded before: what fails here is only the writing. What was written so far must not serve another variant.
                File.Delete(simplified);
                GraphSimplification.Apply(original);
                return original;
            }

            var model = OnnxModel.Load(simplified, reportedPath: modelPath, scratchFolder: workFolder);
            SparseWeights.WriteOut(model);
            SharedWeights.RestoreTransposes(model, original.Proto.Graph);
            SharedWeights.MergeEqual(model);
            GraphSimplification.Apply(model);
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

    private static void Simplify(OnnxModel original, bool changed, string simplified, string workFolder)
    {
        var source = original.Path;
        if (changed || original.HasExternalData)
        {
            // The runtime writes the names of the files along, and those lead nowhere in another folder.
            source = Path.Combine(workFolder, "original.onnx");
            original.Save(source);
        }

        ModelSession.Open(source, new SessionSettings { Optimization = SessionOptimization.Basic, OptimizedModelPath = simplified }).Dispose();
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
