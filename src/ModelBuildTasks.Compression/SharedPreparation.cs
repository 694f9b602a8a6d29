using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression;

/// <summary>What the variants of one model share: it is made for the first that needs it.</summary>
/// <param name="folder">A folder that outlives all of them.</param>
internal sealed class SharedPreparation(WorkFolder folder)
{
    /// <summary>The folder.</summary>
    public string Folder => folder.Path;

    /// <summary>Where the simplified model lies.</summary>
    public string SimplifiedPath => Path.Combine(folder.Path, "simplified.onnx");

    /// <summary>The pruned model; null where nothing is pruned, or not yet.</summary>
    public PrunedModel? Pruned { get; set; }
}
