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
        if (work.Keys.Pruning is { } key)
        {
            work.Shared.Pruned ??= Pruned(work, key);
        }

        return work.Clock.Run("prepare", _ => work.Load());
    }

    /// <summary>What there is to warn of about what was pruned.</summary>
    public static IReadOnlyList<WarningReport> Warnings(CompressionWork work) =>
        work.Shared.Pruned?.Report is { } report
            && work.Request.Prune?.Method is PruneMethod.Structured or PruneMethod.Layers && report.WeightsAfter == report.WeightsBefore
            ? [new WarningReport(DiagnosticCodes.NothingPruned, $"{Path.GetFileName(work.Request.ModelPath)}: {Missing(report)}, so nothing was pruned. Use PruneMethod=\"auto\", which sets single weights to zero, or remove Prune.")]
            : [];

    private static PrunedModel Pruned(CompressionWork work, string key)
    {
        var (entry, reportEntry) = (work.Cache.Pruned(key), work.Cache.PrunedReport(key));
        using var keyLock = CacheLock.Acquire(work.Cache.Folder, key, work.CancellationToken);
        if (ResultCache.Holds(entry) && ResultCache.Holds(reportEntry) && PassesFile.TryReadPruning(reportEntry) is { } earlier)
        {
            return new(entry, earlier);
        }

        var path = Path.Combine(work.Shared.Folder, "pruned.onnx");
        using var model = work.Load();
        var report = work.Clock.Run("prune", progress => Prune(work, model, progress));
        model.Save(path);
        if (model.IsLarge)
        {
            // Its data lie beside it under a name of its own: it is kept for this compression alone.
            return new(path, report);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(entry)!);
        File.Move(path, entry, overwrite: true);
        // Last: a model without this file beside it is an entry that was not finished.
        PassesFile.Write(reportEntry, report);
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
