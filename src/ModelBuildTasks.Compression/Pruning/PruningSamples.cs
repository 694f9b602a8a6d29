using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>The samples by which a model is pruned.</summary>
/// <param name="Set">The set that calibrates.</param>
/// <param name="Indices">Its samples that calibrate; those that judge are none of them.</param>
internal sealed record PruningSamples(SampleSet Set, IReadOnlyList<int> Indices);
