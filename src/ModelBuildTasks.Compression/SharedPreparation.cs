using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>What the variants of one model share: it is made for the first that needs it.</summary>
/// <param name="folder">A folder that outlives all of them.</param>
internal sealed class SharedPreparation(WorkFolder folder)
{
    /// <summary>Where the simplified model lies.</summary>
    public string SimplifiedPath => Path.Combine(folder.Path, "simplified.onnx");

    /// <summary>Where the pruned model lies.</summary>
    public string PrunedPath => Path.Combine(folder.Path, "pruned.onnx");

    /// <summary>What pruning did; null where nothing is pruned, or not yet.</summary>
    public PruningReport? Pruning { get; set; }
}
