using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>The model as passes get it, simplified and perhaps pruned; passes edit it, so it is loaded any number of times.</summary>
/// <param name="ModelPath">The original.</param>
/// <param name="SimplifiedPath">Where its simplified form lies, or will.</param>
/// <param name="PrunedPath">Where its pruned form lies; null where nothing is pruned.</param>
/// <param name="WorkFolder">A folder that outlives all models that are loaded.</param>
internal sealed record PreparedModel(string ModelPath, string SimplifiedPath, string? PrunedPath, string WorkFolder)
{
    /// <summary>Loads it.</summary>
    public OnnxModel Load() => PrunedPath is null ? RuntimeSimplification.Load(ModelPath, WorkFolder, SimplifiedPath) : OnnxModel.Load(PrunedPath, ModelPath, WorkFolder);
}
