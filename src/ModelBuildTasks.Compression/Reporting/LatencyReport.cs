namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Medians of interleaved runs of both models in one process, one thread, batch of one.</summary>
/// <param name="OriginalMs">Milliseconds of one run.</param>
/// <param name="CompressedMs">Milliseconds of one run.</param>
/// <param name="Ratio">Compressed / original: below 1 is faster.</param>
public sealed record LatencyReport(double OriginalMs, double CompressedMs, double Ratio);
