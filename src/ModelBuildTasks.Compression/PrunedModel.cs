using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>A pruned model.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Report">What pruning did to it.</param>
internal sealed record PrunedModel(string Path, PruningReport Report);
