using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Holds a report against the thresholds. It reads numbers only, so a gate can be judged again without compressing again.</summary>
internal static class GateJudge
{
    /// <summary>
    /// Judges the accuracy gate, which always exists, and each gate that the user set. A value at its limit passes. Without data the accuracy gate passes, as AIM3001 has warned already;
    /// a gate that the user set but that could not be measured fails, because passing would promise what nobody checked. The size is that of what the application carries: a packed resource as it is packed.
    /// </summary>
    public static IReadOnlyList<GateReport> Judge(CompressionReport report, GateLimits limits)
    {
        var drop = report.Metric?.Drop;
        var gates = new List<GateReport> { new(GateNames.MaxAccuracyDrop, limits.MaxAccuracyDrop, drop, drop is null || drop <= limits.MaxAccuracyDrop) };

        if (limits.MinSqnr is { } minSqnr)
        {
            gates.Add(new GateReport(GateNames.MinSqnr, minSqnr, report.SqnrDb, report.SqnrDb >= minSqnr));
        }

        if (limits.MaxSize is { } maxSize)
        {
            var bytes = maxSize.Bytes(report.OriginalBytes);
            gates.Add(new GateReport(GateNames.MaxSize, bytes, report.PackedBytes, report.PackedBytes <= bytes));
        }

        if (limits.MaxLatencyRatio is { } maxLatencyRatio)
        {
            gates.Add(new GateReport(GateNames.MaxLatencyRatio, maxLatencyRatio, report.Latency?.Ratio, report.Latency?.Ratio <= maxLatencyRatio));
        }

        return gates;
    }
}
