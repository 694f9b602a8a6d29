using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>What a compression left behind.</summary>
/// <param name="ModelPath">The compressed model.</param>
/// <param name="ReportPath">Its report.json.</param>
/// <param name="Report">The report's content.</param>
public sealed record CompressionResult(string ModelPath, string ReportPath, CompressionReport Report)
{
    /// <summary>The model packed with Brotli, beside it; null where it is not packed.</summary>
    public string? PackedPath { get; init; }
}
