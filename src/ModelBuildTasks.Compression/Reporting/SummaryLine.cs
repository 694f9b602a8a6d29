using System.Globalization;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>A report in one line, for build logs and for the accessor's Summary.</summary>
internal static class SummaryLine
{
    /// <summary>digits.onnx → cpu: int8 · 1.66 MB → 417 KB (4×) · top-1 97.75% → 97.7% (−0.05) · 2.1× faster.</summary>
    public static string Of(CompressionReport report)
    {
        var sizes = $"{Size(report.OriginalBytes)} → {Size(report.CompressedBytes)} ({Number(report.Ratio, "0.#")}×)";
        var line = $"{report.Model} → {report.Device}: {report.Variant} · {sizes} · {Accuracy(report)}";
        return report.Latency is { } latency ? $"{line} · {Speed(latency.Ratio)}" : line;
    }

    private static string Accuracy(CompressionReport report) => report.Metric switch
    {
        null => "accuracy not checked",
        { Name: "top1" } metric => $"top-1 {Change(metric)}",
        { Name: "top5" } metric => $"top-5 {Change(metric)}",
        { Name: "cosine" } metric => $"cosine {Number(metric.Compressed, "0.####")}{Sqnr(report)}",
        { } metric => $"{metric.Name} {Percent(metric.Compressed)}{Sqnr(report)}",
    };

    private static string Change(MetricReport metric)
    {
        var points = Math.Round(-metric.Drop * 100, 2);
        var sign = points switch
        {
            < 0 => "−",
            > 0 => "+",
            _ => "±",
        };
        return $"{Percent(metric.Original)} → {Percent(metric.Compressed)} ({sign}{Number(Math.Abs(points), "0.##")})";
    }

    private static string Sqnr(CompressionReport report) => report.SqnrDb is { } decibels ? $", SQNR {Number(decibels, "0.#")} dB" : "";

    private static string Speed(double ratio) => ratio switch
    {
        <= 0.95 => $"{Number(1 / ratio, "0.0")}× faster",
        < 1.05 => "as fast",
        _ => $"{Number(ratio, "0.0")}× slower",
    };

    // Decimal units, as in MaxSize.
    private static string Size(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{Number(bytes / 1e3, "0")} KB",
        < 1_000_000_000 => $"{Number(bytes / 1e6, "0.00")} MB",
        _ => $"{Number(bytes / 1e9, "0.00")} GB",
    };

    private static string Percent(double fraction) => Number(fraction * 100, "0.##") + "%";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
