using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Smoothing;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;

namespace ModelBuildTasks.Compression;

/// <summary>Prepares, calibrates and compresses one model into the cache.</summary>
internal static class CompressionRun
{
    /// <summary>The model of a compression key in the cache; made now unless it is there.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="keys">Its keys; the one of the compression is held.</param>
    /// <param name="cache">Where earlier results are.</param>
    /// <param name="samples">What calibrates.</param>
    /// <param name="shared">What all variants of the model share.</param>
    /// <param name="clock">Times the phases.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public static PassesOutcome Run(CompressionRequest request, CompressionKeys keys, ResultCache cache, CompressionSamples samples, SharedPreparation shared, PhaseClock clock, CancellationToken cancellationToken)
    {
        OrtConversion.RequirePossible(request);
        var target = cache.Model(keys.Compression, request.Format.Extension());
        var earlier = ResultCache.Holds(target) ? PassesFile.TryRead(cache.Passes(keys.Compression)) : null;
        if (earlier is not null && request.TraceFolder is null)
        {
            return earlier;
        }

        using var folder = WorkFolder.Create(cache.Folder);
        var trace = CompressionTrace.Of(request);
        if (!request.Compresses)
        {
            trace?.WriteUntouched(request.ModelPath);
            return earlier ?? Keep(new CompressedModel(request, target, folder, trace).CopyOriginal([], []), keys, cache);
        }

        var work = new CompressionWork(request, keys, cache, samples, shared, folder, clock, cancellationToken);
        using var model = PruningRun.Run(work);
        trace?.Start(request.Prune is null ? "simplified" : "pruned", model);
        var context = new PassContext(request.Device, Observed(work, model, trace), request.KeepFloat, cancellationToken, trace?.Nodes) { Corrections = request.Corrections };
        var search = request.Quantize == QuantizationMode.Auto && !request.ComputesInFloat16 ? Search(work, context) : null;
        var rounded = RoundingRun.Run(work, context, search?.Formats);
        var rounder = PassChoice.Rounder(request, rounded ?? (IWeightRounder)NearestRounder.Instance);
        context = Refined(work, context, search?.Formats ?? FormatAssignment.Int8, rounder);
        var pass = PassChoice.Of(request, context.Ranges, search?.Formats, rounder);
        var result = clock.Run("quantize", _ => pass.Apply(model, context));
        result = result with { Layers = [.. result.Layers.Select(layer => layer with { OutputSqnrDb = rounded?.OutputSqnrDb(layer.Name) })] };
        cancellationToken.ThrowIfCancellationRequested();
        trace?.Add(pass.Name, model);
        if (earlier is not null)
        {
            // The passes ran for the trace alone.
            trace?.Write(earlier.Variant, earlier.Warnings);
            return earlier;
        }

        var written = new CompressedModel(request, target, folder, trace).Write(model, result, clock.Seconds);
        return Keep(written with { Warnings = [.. written.Warnings, .. PruningRun.Warnings(work)], Search = search?.Report, Pruning = shared.Pruned?.Report, Sharing = Sharing(request, written.Layers) }, keys, cache);
    }

    /// <summary>Scales channels where that gains, and tells the ranges of the model as it is then; null where passes are to know none.</summary>
    private static ActivationRanges? Observed(CompressionWork work, OnnxModel model, CompressionTrace? trace)
    {
        var equalized = work.IsEqualized ? CrossLayerEqualization.Apply(model) : FrozenDictionary<string, string>.Empty;
        if (equalized.Count > 0)
        {
            trace?.Add("cross-layer-equalization", model);
        }

        var ranges = PassChoice.Calibrates(work.Request) ? CalibrationRun.Ranges(work, model, equalized) : null;
        if (ranges is not { Smoothed.Count: > 0 })
        {
            return ranges;
        }

        if (PassChoice.StoresWeightsAlone(work.Request))
        {
            return SmoothQuant.TakeBack(ranges, model);
        }

        SmoothQuant.Apply(model, ranges.Smoothed);
        trace?.Add("smooth-quant", model);
        return ranges;
    }

    private static SearchOutcome Search(CompressionWork work, PassContext context)
    {
        var request = work.Request;
        var goal = new SearchGoal(request.Metric, request.Keys is null ? null : TextKeys.Load(request.Keys), request.MaxAccuracyDrop, request.MinSqnr, request.OptimizeFor);
        return work.Clock.Run("search", progress => AssignmentSearch.Run(work.Searched(context), work.Samples.Calibration!, work.Samples.CalibrationIndices, goal, progress, work.CancellationToken));
    }

    /// <summary>With ranges that are refined for the model as it will be; the published ones stay those of the calibration, which belong to every variant.</summary>
    private static PassContext Refined(CompressionWork work, PassContext context, FormatAssignment formats, IWeightRounder rounder) => !PassChoice.Refines(work.Request) ? context : context with
    {
        Ranges = work.Clock.Run("refine", progress => RangeRefinement.Refine(
            work.Searched(context with { Trace = null }), new PostTrainingQuantization(formats) { Rounder = rounder }, work.Samples.Calibration!, work.Samples.CalibrationIndices, work.Request.Effort, progress, work.CancellationToken)),
    };

    private static SharingReport? Sharing(CompressionRequest request, IReadOnlyList<LayerReport> layers) => request.Share is not { } share ? null
        : new(share.Values, share.Channels, layers.Count(layer => layer.Format != LayerFormatNames.Of(LayerFormat.Float)));

    // Last: a model without this file beside it is an entry that was not finished.
    private static PassesOutcome Keep(PassesOutcome outcome, CompressionKeys keys, ResultCache cache)
    {
        PassesFile.Write(cache.Passes(keys.Compression), outcome);
        return outcome;
    }
}
