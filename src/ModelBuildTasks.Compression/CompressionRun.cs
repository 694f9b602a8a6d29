using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Smoothing;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.SecondOrder;
using ModelBuildTasks.Compression.Simplification;

namespace ModelBuildTasks.Compression;

/// <summary>Prepares, calibrates and compresses one model into the cache.</summary>
internal static class CompressionRun
{
    /// <summary>The model of a compression key in the cache; made now unless it is there.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="keys">Its keys; the one of the compression is held.</param>
    /// <param name="cache">Where earlier results are.</param>
    /// <param name="samples">What calibrates.</param>
    /// <param name="shared">A folder that all variants of the model use: the simplified model lies there.</param>
    /// <param name="clock">Times the phases.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public static PassesOutcome Run(CompressionRequest request, CompressionKeys keys, ResultCache cache, CompressionSamples samples, WorkFolder shared, PhaseClock clock, CancellationToken cancellationToken)
    {
        OrtConversion.RequirePossible(request);
        var target = cache.Model(keys.Compression, request.Format.Extension());
        var earlier = ResultCache.Holds(target) ? PassesFile.TryRead(cache.Passes(keys.Compression)) : null;
        if (earlier is not null && request.TraceFolder is null)
        {
            return earlier;
        }

        using var work = WorkFolder.Create(cache.Folder);
        var trace = CompressionTrace.Of(request);
        if (request.Quantize == QuantizationMode.None)
        {
            trace?.WriteUntouched(request.ModelPath);
            return earlier ?? Keep(new CompressedModel(request, target, work, trace).CopyOriginal([], []), keys, cache);
        }

        using var model = clock.Run("prepare", _ => Load(request, shared, work));
        trace?.Start(model);
        var equalized = Equalizes(request) ? CrossLayerEqualization.Apply(model) : FrozenDictionary<string, string>.Empty;
        if (equalized.Count > 0)
        {
            trace?.Add("cross-layer-equalization", model);
        }

        var ranges = PassChoice.Calibrates(request) ? Ranges(request, keys, cache, model, equalized, samples, shared, work, clock, cancellationToken) : null;
        if (ranges is { Smoothed.Count: > 0 })
        {
            if (PassChoice.StoresWeightsAlone(request))
            {
                ranges = SmoothQuant.TakeBack(ranges, model);
            }
            else
            {
                SmoothQuant.Apply(model, ranges.Smoothed);
                trace?.Add("smooth-quant", model);
            }
        }

        var context = new PassContext(request.Device, ranges, request.KeepFloat, cancellationToken, trace?.Nodes) { Corrections = request.Corrections };
        var search = request.Quantize == QuantizationMode.Auto && !request.ComputesInFloat16 ? Search(request, context, samples, shared, work, clock, cancellationToken) : null;
        var rounded = !request.RoundsBySamples || request.Effort == Effort.Fast ? null
            : clock.Run("round", progress => Rounded(request, context, search?.Formats, samples, shared, work, progress, cancellationToken));
        var pass = PassChoice.Of(request, ranges, search?.Formats, rounded ?? (IWeightRounder)NearestRounder.Instance);
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

        return Keep(new CompressedModel(request, target, work, trace).Write(model, result, clock.Seconds) with { Search = search?.Report }, keys, cache);
    }

    private static RoundedWeights Rounded(
        CompressionRequest request, PassContext context, FormatAssignment? found, CompressionSamples samples, WorkFolder shared, WorkFolder work, PhaseReporter progress, CancellationToken cancellationToken)
    {
        var prepared = new SearchedModel(request.ModelPath, Path.Combine(shared.Path, "simplified.onnx"), work.Path, Equalizes(request), context);
        var recorder = new RecordingRounder();
        using (var planned = prepared.Load())
        {
            PassChoice.Of(request, context.Ranges, found, recorder).Apply(planned, context with { Trace = null });
        }

        using var model = prepared.Load();
        var effort = RoundingEffort.Of(request.Effort);
        var indices = SampleSpread.Of(samples.CalibrationIndices, effort.Samples, samples.Calibration!.States.Count > 0);
        return new SequentialRounding(new ShadowModel(model, context), samples.Calibration, indices, effort, cancellationToken).Run(
            recorder.Targets,
            (layer, weight, done, count) => progress.Report(PhaseProgress.OfLayer(done, count, layer.Readers[0].DisplayName(), layer.Target.Format, weight.SqnrDb, weight.NearestSqnrDb)));
    }

    private static SearchOutcome Search(CompressionRequest request, PassContext context, CompressionSamples samples, WorkFolder shared, WorkFolder work, PhaseClock clock, CancellationToken cancellationToken)
    {
        var searched = new SearchedModel(request.ModelPath, Path.Combine(shared.Path, "simplified.onnx"), work.Path, Equalizes(request), context);
        var goal = new SearchGoal(request.Metric, request.Keys is null ? null : TextKeys.Load(request.Keys), request.MaxAccuracyDrop, request.MinSqnr, request.OptimizeFor);
        return clock.Run("search", progress => AssignmentSearch.Run(searched, samples.Calibration!, samples.CalibrationIndices, goal, progress, cancellationToken));
    }

    // Last: a model without this file beside it is an entry that was not finished.
    private static PassesOutcome Keep(PassesOutcome outcome, CompressionKeys keys, ResultCache cache)
    {
        PassesFile.Write(cache.Passes(keys.Compression), outcome);
        return outcome;
    }

    private static bool Equalizes(CompressionRequest request)
    {
        if (request.Ranges is null || !PassChoice.Calibrates(request))
        {
            return PassChoice.Equalizes(request);
        }

        // A committed file without means is from before there was equalization: its ranges are those of the model as it was. One of an equalized model tells a pass in float16 nothing about another.
        var committed = ActivationRanges.Load(request.Ranges);
        return committed.Means.Count > 0 && (PassChoice.Equalizes(request) || committed.Equalized.Count > 0);
    }

    private static ActivationRanges? Ranges(
        CompressionRequest request, CompressionKeys keys, ResultCache cache, OnnxModel model, IReadOnlyDictionary<string, string> equalized, CompressionSamples samples, WorkFolder shared, WorkFolder work, PhaseClock clock, CancellationToken cancellationToken)
    {
        if (request.Ranges is not null)
        {
            var committed = ActivationRanges.Load(request.Ranges);
            committed.RequireFit(model, request.Ranges);
            committed.RequireEqualized(equalized, model, request.Ranges);
            committed.RequireSmoothable(committed.Smoothed.Count > 0 ? SmoothQuant.Channels(model) : FrozenDictionary<string, int>.Empty, model, request.Ranges);
            return committed;
        }

        if (samples.Calibration is null)
        {
            return null;
        }

        var entry = cache.Ranges(keys.Calibration);
        using var calibrationLock = CacheLock.Acquire(cache.Folder, keys.Calibration, cancellationToken);
        if (ResultCache.Holds(entry))
        {
            return ActivationRanges.Load(entry);
        }

        var ranges = clock.Run("calibrate", progress =>
        {
            var smoothed = PassChoice.Smooths(request) ? SmoothQuant.Measure(model, samples.Calibration, samples.CalibrationIndices, request.CalibrationMethod, cancellationToken) : FrozenDictionary<string, int[]>.Empty;
            using var copy = Smoothed(smoothed, equalized, request, shared, work);
            var observed = copy ?? model;
            return RangeCollector.Collect(observed, samples.Calibration, samples.CalibrationIndices, request.CalibrationMethod, PassChoice.Observed(request, observed), PassChoice.MeanAxes(request, observed), progress, cancellationToken) with
            {
                Equalized = equalized,
                Smoothed = smoothed,
            };
        });
        ranges.Save(entry);
        return ranges;
    }

    /// <summary>The model with large channels divided, as it is observed; null where nothing gains by that. It is a copy, since passes that store weights alone take the factors back.</summary>
    private static OnnxModel? Smoothed(IReadOnlyDictionary<string, int[]> exponents, IReadOnlyDictionary<string, string> equalized, CompressionRequest request, WorkFolder shared, WorkFolder work)
    {
        if (exponents.Count == 0)
        {
            return null;
        }

        var copy = Load(request, shared, work);
        if (equalized.Count > 0)
        {
            CrossLayerEqualization.Apply(copy);
        }

        SmoothQuant.Apply(copy, exponents);
        return copy;
    }

    private static OnnxModel Load(CompressionRequest request, WorkFolder shared, WorkFolder work) => RuntimeSimplification.Load(request.ModelPath, work.Path, Path.Combine(shared.Path, "simplified.onnx"));
}
