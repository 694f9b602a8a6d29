namespace ModelBuildTasks.Compression;

/// <summary>How far a compression has come.</summary>
/// <param name="Phase">prepare, calibrate, refine, search, quantize or evaluate.</param>
/// <param name="Fraction">Between 0 and 1, of the phase.</param>
public sealed record CompressionProgress(string Phase, double Fraction);
