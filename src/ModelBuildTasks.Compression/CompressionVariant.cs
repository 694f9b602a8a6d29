using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>One of the models that are made from an original: for a kind of processor of its own.</summary>
/// <param name="Request">What to make.</param>
/// <param name="Keys">Its keys.</param>
/// <param name="Passes">What the passes did.</param>
/// <param name="Clock">How long each phase took.</param>
internal sealed record CompressionVariant(CompressionRequest Request, CompressionKeys Keys, PassesOutcome Passes, PhaseClock Clock);
