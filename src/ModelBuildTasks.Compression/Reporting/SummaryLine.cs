using static System.FormattableString;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>A result in one line: <c>digits.onnx → cpu: int8, 50% pruned · 1.66 MB → 214 KB (7.8×) · top-1 97.75% → 97.70% (−0.05) · 2.1× faster</c>.</summary>
internal static class SummaryLine
{
    /// <summary>The line of a report; it does not depend on the culture of the machine.</summary>
    public static string Of(CompressionReport report)
    {
        var parts = new List<string>
        {
            $"{report.Model} → {report.Device}: {string.Join(", ", Techniques(report))}",
            Size(report),
        };
        parts.AddRange(Accuracy(report));
        if (report.Latency is { } latency)
        {
            parts.Add(Speed(latency.Ratio));
        }

        return string.Join(" · ", parts);
    }

    /// <summary>"1.66 MB → 214 KB (7.8×)", and ", 130 KB embedded (12.8×)" where it is packed.</summary>
    public static string Size(CompressionReport report)
    {
        var size = Invariant($"{SizeText.Format(report.OriginalBytes)} → {SizeText.Format(report.CompressedBytes)} ({report.Ratio:0.0}×)");
        return report.PackedBytes == report.CompressedBytes ? size : Invariant($"{size}, {SizeText.Format(report.PackedBytes)} embedded ({report.PackedRatio:0.0}×)");
    }

    /// <summary>"top-1 97.75% → 97.70% (−0.05)" or "characters 96.97% → 96.93% (−0.04)" with labels; "agreement 99.80%", "characters as the original 99.50%" or "cosine 0.9998", and "SQNR 38.2 dB", without; "accuracy not checked" without data.</summary>
    public static IEnumerable<string> Accuracy(CompressionReport report)
    {
        switch (report.Metric)
        {
            case { Name: "top1" or "top5" } metric:
                yield return Invariant($"{metric.Name.Insert(3, "-")} {Percent(metric.Original)} → {Percent(metric.Compressed)} ({Points(metric.Compressed - metric.Original)})");
                yield break;
            case { Name: "ctc" } metric when report.Lines is { Labelled: true }:
                yield return Invariant($"characters {Percent(metric.Original)} → {Percent(metric.Compressed)} ({Points(metric.Compressed - metric.Original)})");
                yield break;
            case { Name: "ctc" } metric:
                yield return $"characters as the original {Percent(metric.Compressed)}";
                break;
            case { Name: "agreement" } metric:
                yield return $"agreement {Percent(metric.Compressed)}";
                break;
            case { } metric:
                yield return Invariant($"{metric.Name} {metric.Compressed:0.0000}");
                break;
        }

        if (report.SqnrDb is { } sqnr)
        {
            yield return Invariant($"SQNR {sqnr:0.0} dB");
        }
        else if (report.Metric is null)
        {
            yield return "accuracy not checked";
        }
    }

    /// <summary>"2.1× faster", "1.3× slower" or "same speed", from compressed time / original time.</summary>
    public static string Speed(double ratio) => (faster: Times(1 / ratio), slower: Times(ratio)) switch
    {
        ("1.0×", _) or (_, "1.0×") => "same speed",
        var (faster, _) when ratio < 1 => $"{faster} faster",
        var (_, slower) => $"{slower} slower",
    };

    /// <summary>"int8", "50% pruned" or "47% of weights removed", "16 shared values".</summary>
    private static IEnumerable<string> Techniques(CompressionReport report)
    {
        // Codebooks alone are told by their values.
        if (report.Sharing is null || report.Variant != "shared")
        {
            yield return report.Variant;
        }

        if (report.Pruning is { } pruning)
        {
            yield return pruning.WeightsAfter < pruning.WeightsBefore
                ? Invariant($"{100 * (1 - ((double)pruning.WeightsAfter / pruning.WeightsBefore)):0}% of weights removed")
                : Invariant($"{100 * pruning.Sparsity:0}% pruned");
        }

        if (report.Sharing is { } sharing)
        {
            yield return Invariant($"{sharing.Values} shared values");
        }
    }

    private static string Times(double factor) => Invariant($"{factor:0.0}×");

    private static string Percent(double share) => Invariant($"{Hundredths(share):0.00}%");

    private static string Points(double change) => Invariant($"{Hundredths(change):+0.00;−0.00;±0.00}");

    // The decimal is what a person would write for the double, so that 0.00125 rounds by its digits and not by its binary neighbour.
    private static decimal Hundredths(double share) => decimal.Round((decimal)share * 100, 2, MidpointRounding.AwayFromZero);
}
