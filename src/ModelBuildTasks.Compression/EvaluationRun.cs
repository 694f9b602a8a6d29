using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Judges a compressed model against its original.</summary>
internal static class EvaluationRun
{
    /// <summary>The report of an evaluation key; made now unless the cache holds it.</summary>
    public static CompressionReport Run(CompressionRequest request, CompressionKeys keys, ResultCache cache, CompressionSamples samples, PassesOutcome passes, PhaseClock clock, CancellationToken cancellationToken)
    {
        var entry = cache.Report(keys.Evaluation);
        var earlier = ResultCache.Holds(entry) && ReportFile.TryRead(entry, out var held) ? held with { Model = Path.GetFileName(request.ModelPath) } : null;
        if (earlier is not null && !request.RemeasureLatency)
        {
            return earlier;
        }

        var compressedPath = cache.Model(keys.Compression);
        var report = earlier is null
            ? clock.Run("evaluate", progress => Evaluate(request, compressedPath, samples, passes, progress, cancellationToken))
            : clock.Run("evaluate", _ => earlier with { Latency = Latency(request, compressedPath, samples, cancellationToken) });
        report = report with { Seconds = Seconds(report.Seconds, passes.Seconds, clock.Seconds) };
        ReportFile.Write(entry, report);
        return report;
    }

    private static CompressionReport Evaluate(CompressionRequest request, string compressedPath, CompressionSamples samples, PassesOutcome passes, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var compressedBytes = new FileInfo(compressedPath).Length;
        var report = new CompressionReport
        {
            Model = Path.GetFileName(request.ModelPath),
            Variant = passes.Variant,
            Device = request.Device.Name,
            ToolVersion = ToolIdentity.Version,
            OriginalBytes = RequestFiles.ModelBytes(request),
            CompressedBytes = compressedBytes,
            PackedBytes = compressedBytes,
            Sparsity = passes.Sparsity,
            Layers = passes.Layers,
            Warnings = passes.Warnings,
        };

        if (samples.JudgedIndices.Count == 0)
        {
            if (request.Quantize == QuantizationMode.None)
            {
                // The bytes are the original's: there is nothing to check.
                return report;
            }

            var reason = samples.Judged is null ? "there is no data" : "one sample is not enough to hold one out";
            return report with { Warnings = [.. report.Warnings, new(DiagnosticCodes.AccuracyNotChecked, $"The accuracy was not checked, because {reason}. Add samples to Calibration or Validation.")] };
        }

        using var original = ModelSession.Open(request.ModelPath, new SessionSettings());
        using var compressed = ModelSession.Open(compressedPath, new SessionSettings());
        var comparison = ModelComparison.Compare(original, compressed, samples.Judged!, samples.JudgedIndices, request.Metric, progress, cancellationToken);
        return report with
        {
            Metric = comparison.Metric,
            SqnrDb = comparison.SqnrDb,
            Top5Original = comparison.Top5Original,
            Top5Compressed = comparison.Top5Compressed,
            Agreement = comparison.Agreement,
            Cosine = comparison.Cosine,
            Outputs = comparison.Outputs,
            Expected = comparison.Expected,
            States = [.. samples.Judged!.States.Select(state => new StateReport(state.Input.Name, state.Output.Name))],
            Latency = LatencyComparison.Measure(original, compressed, samples.FirstJudged(), samples.Judged!.States, cancellationToken),
            Warnings = comparison.Metric is not null
                ? [.. report.Warnings, .. ExpectedAgreement.Check(comparison.Expected)]
                : [.. report.Warnings, new(DiagnosticCodes.AccuracyNotChecked, "The accuracy was not checked, because the model has no floating-point output to compare.")],
        };
    }

    private static LatencyReport? Latency(CompressionRequest request, string compressedPath, CompressionSamples samples, CancellationToken cancellationToken)
    {
        if (samples.JudgedIndices.Count == 0)
        {
            return null;
        }

        using var original = ModelSession.Open(request.ModelPath, new SessionSettings());
        using var compressed = ModelSession.Open(compressedPath, new SessionSettings());
        return LatencyComparison.Measure(original, compressed, samples.FirstJudged(), samples.Judged!.States, cancellationToken);
    }

    private static Dictionary<string, double> Seconds(params ReadOnlySpan<IReadOnlyDictionary<string, double>> later)
    {
        var seconds = new Dictionary<string, double>();
        foreach (var phases in later)
        {
            foreach (var (phase, value) in phases)
            {
                seconds[phase] = value;
            }
        }

        return seconds;
    }
}
