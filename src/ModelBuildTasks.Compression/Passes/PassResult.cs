using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Passes;

/// <summary>What a pass did.</summary>
/// <param name="Layers">What became of each layer.</param>
/// <param name="Regions">Which operators change together in the plan of a pass that makes one; empty for others.</param>
internal sealed record PassResult(IReadOnlyList<LayerReport> Layers, IReadOnlyList<RegionReport> Regions);
