using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>Prunes the simplified model, once for all its variants.</summary>
internal static class PruningRun
{
    /// <summary>The model as passes get it.</summary>
    /// <param name="work">What to make.</param>
    public static OnnxModel Run(CompressionWork work)
    {
        var request = work.Request;
        if (request.Prune is not { } options || work.Shared.Pruning is not null)
        {
            return work.Clock.Run("prepare", _ => work.Load());
        }

        using var model = work.Clock.Run("prepare", _ => work.Load());
        work.Shared.Pruning = work.Clock.Run("prune", progress =>
        {
            var samples = request.PrunesBySamples ? new PruningSamples(work.Samples.Calibration!, work.Samples.CalibrationIndices) : null;
            var report = ModelPruning.Apply(model, options, new PruningContext(samples, request.Effort, progress, work.CancellationToken));
            model.Save(work.Shared.PrunedPath);
            return report;
        });
        return work.Load();
    }

    /// <summary>What there is to warn of about what was pruned.</summary>
    public static IReadOnlyList<WarningReport> Warnings(CompressionWork work) =>
        work.Shared.Pruning is { } report
            && work.Request.Prune?.Method is PruneMethod.Structured or PruneMethod.Layers && report.WeightsAfter == report.WeightsBefore
            ? [new WarningReport(DiagnosticCodes.NothingPruned, $"{Path.GetFileName(work.Request.ModelPath)}: {Missing(report)}, so nothing was pruned. Use PruneMethod=\"auto\", which sets single weights to zero, or remove Prune.")]
            : [];

    private static string Missing(PruningReport report) => report.Method == PruneMethodNames.Of(PruneMethod.Layers) ? "no residual block of this model can go" : "no channel of this model can go (the report says for each layer why)";
}
