using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Prunes the simplified model, once for all its variants and all that is made of it later.</summary>
internal static class PruningRun
{
    /// <summary>The model as passes get it.</summary>
    /// <param name="work">What to make.</param>
    public static OnnxModel Run(CompressionWork work)
    {
        if (work.Keys.Pruning is not { } key || work.Shared.Pruned is not null)
        {
            return Prepared(work);
        }

        using var keyLock = CacheLock.Acquire(work.Cache.Folder, key, work.CancellationToken);
        if (Earlier(work.Cache, key) is { } earlier)
        {
            work.Shared.Pruned = earlier;
            return Prepared(work);
        }

        using (var model = Prepared(work))
        {
            work.Shared.Pruned = Prune(work, model, key);
        }

        return work.Load();
    }

    /// <summary>What there is to warn of about what was pruned.</summary>
    public static IReadOnlyList<WarningReport> Warnings(CompressionWork work) =>
        work.Shared.Pruned?.Report is { } report
            && work.Request.Prune?.Method is PruneMethod.Structured or PruneMethod.Layers && report.WeightsAfter == report.WeightsBefore
            ? [new WarningReport(DiagnosticCodes.NothingPruned, $"{Path.GetFileName(work.Request.ModelPath)}: {Missing(report)}, so nothing was pruned. Use PruneMethod=\"auto\", which sets single weights to zero, or remove Prune.")]
            : [];

    private static OnnxModel Prepared(CompressionWork work) => work.Clock.Run("prepare", _ => work.Load());

    private static PrunedModel? Earlier(ResultCache cache, string key) =>
        ResultCache.Holds(cache.Pruned(key)) && ResultCache.Holds(cache.PrunedReport(key)) && PassesFile.TryReadPruning(cache.PrunedReport(key)) is { } report ? new(cache.Pruned(key), report) : null;

    private static PrunedModel Prune(CompressionWork work, OnnxModel model, string key)
    {
        var report = work.Clock.Run("prune", progress => Prune(work, model, progress));
        var path = Path.Combine(work.Shared.Folder, "pruned.onnx");
        model.Save(path);
        if (model.IsLarge)
        {
            // Its data lie beside it under a name of its own: it is kept for this compression alone.
            return new(path, report);
        }

        var entry = work.Cache.Pruned(key);
        Directory.CreateDirectory(Path.GetDirectoryName(entry)!);
        File.Move(path, entry, overwrite: true);
        // Last: a model without this file beside it is an entry that was not finished.
        PassesFile.Write(work.Cache.PrunedReport(key), report);
        return new(entry, report);
    }

    private static PruningReport Prune(CompressionWork work, OnnxModel model, PhaseReporter progress)
    {
        var request = work.Request;
        var samples = request.PrunesBySamples ? new PruningSamples(work.Samples.Calibration!, work.Samples.CalibrationIndices) : null;
        return ModelPruning.Apply(model, request.Prune!, new PruningContext(samples, request.Effort, progress, work.CancellationToken));
    }

    private static string Missing(PruningReport report) => report.Method == PruneMethodNames.Of(PruneMethod.Layers) ? "no residual block of this model can go" : "no channel of this model can go (the report says for each layer why)";
}
