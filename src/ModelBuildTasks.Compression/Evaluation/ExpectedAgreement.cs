using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Whether the outputs in test data are those of the model.</summary>
internal static class ExpectedAgreement
{
    // A hundredth of the amplitude: far above what other kernels, machines and runtimes round differently, far below what other weights or inputs make.
    private const double LeastDb = 40;

    /// <summary>AIM3005 where the original itself is below 40 dB from what was expected of it; else none.</summary>
    public static IReadOnlyList<WarningReport> Check(ExpectedReport? expected) => expected is { OriginalSqnrDb: < LeastDb }
        ? [new WarningReport(DiagnosticCodes.ExpectedOutputsDiffer, string.Create(
            CultureInfo.InvariantCulture,
            $"The original model itself misses the outputs in its test data (output_*.pb): their SQNR is {expected.OriginalSqnrDb:0.0} dB, below {LeastDb:0} dB (judged samples with outputs: {expected.Samples}). The data most likely belongs to another model or needs other preprocessing. Make it anew with this model, or remove its output_*.pb."))]
        : [];
}
