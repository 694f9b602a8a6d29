using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>What pruning may know beside the model.</summary>
/// <param name="Samples">The samples that tell what matters; null where none may decide bytes.</param>
/// <param name="Effort">How much work it may be.</param>
/// <param name="Progress">Is told how far it has come, layer by layer.</param>
/// <param name="CancellationToken">Ends it early.</param>
internal sealed record PruningContext(PruningSamples? Samples, Effort Effort, IProgress<PhaseProgress> Progress, CancellationToken CancellationToken);
