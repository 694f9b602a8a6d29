namespace ModelBuildTasks.Compression;

/// <summary>How far a compression has come.</summary>
/// <param name="Phase">prepare, calibrate, search, round, refine, quantize or evaluate.</param>
/// <param name="Fraction">Between 0 and 1, of the phase.</param>
/// <param name="Detail">What was done just now, for people: "3/7 conv1: int8, 38.2 dB (nearest 29.6 dB)"; null where the phase tells no steps.</param>
public sealed record CompressionProgress(string Phase, double Fraction, string? Detail = null);
