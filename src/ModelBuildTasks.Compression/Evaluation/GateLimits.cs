namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>The thresholds of the gates; null where the user set none.</summary>
internal sealed record GateLimits
{
    /// <summary>The greatest drop of the metric, a fraction between 0 and 1.</summary>
    public double MaxAccuracyDrop { get; init; } = 0.01;

    /// <summary>The least SQNR in dB.</summary>
    public double? MinSqnr { get; init; }

    /// <summary>The greatest size of the compressed model, as the application carries it.</summary>
    public SizeLimit? MaxSize { get; init; }

    /// <summary>The greatest compressed time / original time.</summary>
    public double? MaxLatencyRatio { get; init; }
}
