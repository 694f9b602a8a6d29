using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Whether a validation set is large enough for its threshold.</summary>
internal static class AccuracyResolution
{
    /// <summary>
    /// AIM3002 where the 95 % interval of the drop holds the threshold, so that the samples do not tell on which side of it the drop is; else null. When nothing changed this is so below
    /// z²·(1 − threshold) / threshold samples: 381 for the default threshold of 0.01.
    /// </summary>
    public static WarningReport? Check(MetricReport metric, double maxAccuracyDrop) => metric.Interval[0] <= maxAccuracyDrop && maxAccuracyDrop < metric.Interval[1]
        ? new WarningReport(DiagnosticCodes.ValidationSetTooSmall, string.Create(
            CultureInfo.InvariantCulture,
            $"{metric.Samples} validation samples cannot tell whether {metric.Name} fell by more than MaxAccuracyDrop={maxAccuracyDrop}: the drop is {metric.Drop:0.0####}, with a 95% interval from {metric.Interval[0]:0.0####} to {metric.Interval[1]:0.0####}. Add validation samples, or raise MaxAccuracyDrop."))
        : null;
}
