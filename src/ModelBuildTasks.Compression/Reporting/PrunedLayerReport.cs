namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What pruning did to a layer.</summary>
/// <param name="Name">The node's name, or its first output where it has none.</param>
/// <param name="Op">The operator type.</param>
/// <param name="WeightsBefore">Its weights before.</param>
/// <param name="WeightsAfter">Its weights that are not zero, or that are still there where channels went; 0 for a layer that went with its block.</param>
/// <param name="OutputSqnrDb">The SQNR in dB of its output on the calibration samples; null where none were used.</param>
/// <param name="Reason">Why less was taken than from others, or nothing; null where there is nothing to say.</param>
public sealed record PrunedLayerReport(string Name, string Op, long WeightsBefore, long WeightsAfter, double? OutputSqnrDb, string? Reason);
