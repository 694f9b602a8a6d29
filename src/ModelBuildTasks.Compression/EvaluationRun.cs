using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Judges a compressed model against its original.</summary>
internal static class EvaluationRun
{
    /// <summary>The report of an evaluation key; made now unless the cache holds it.</summary>
    public static CompressionReport Run(CompressionRequest request, CompressionKeys keys, ResultCache cache, CompressionSamples samples, PassesOutcome passes, PhaseClock clock, CancellationToken cancellationToken)
    {
        var entry = cache.Report(keys.Evaluation);
        if (ResultCache.Holds(entry) && ReportFile.TryRead(entry) is { } earlier)
        {
            return request.RemeasureLatency ? Save(entry, WithLatency(earlier, request, keys, cache, samples, cancellationToken)) : earlier;
        }

        return Save(entry, clock.Run("evaluate", progress => Evaluate(request, keys, cache, samples, passes, progress, cancellationToken)));
    }
}
