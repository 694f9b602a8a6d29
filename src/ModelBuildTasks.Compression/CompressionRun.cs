using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;
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

        using var model = clock.Run("prepare", _ => RuntimeSimplification.Load(request.ModelPath, work.Path, Path.Combine(shared.Path, "simplified.onnx")));
        trace?.Start(model);
        var equalized = Equalizes(request) ? CrossLayerEqualization.Apply(model) : FrozenDictionary<string, string>.Empty;
        if (equalized.Count > 0)
        {
            trace?.Add("cross-layer-equalization", model);
        }

        var ranges = PassChoice.Calibrates(request) ? Ranges(request, keys, cache, model, equalized, samples, shared, work, clock, cancellationToken) : null;
        var context = new PassContext(request.Device, ranges, request.KeepFloat, cancellationToken, trace?.Nodes) { Corrections = request.Corrections };
        var search = request.Quantize == QuantizationMode.Auto && !request.ComputesInFloat16 ? Search(request, context, samples, shared, work, clock, cancellationToken) : null;
        var pass = PassChoice.Of(request, ranges, search?.Formats);
        var result = clock.Run("quantize", _ => pass.Apply(model, context));
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

    private static SearchOutcome Search(CompressionRequest request, PassContext context, CompressionSamples samples, WorkFolder shared, WorkFolder work, PhaseClock clock, CancellationToken cancellationToken)
    {
        var searched = Searched(request, shared, work, context);
        var goal = new SearchGoal(request.Metric, request.Keys is null ? null : TextKeys.Load(request.Keys), request.MaxAccuracyDrop, request.MinSqnr, request.OptimizeFor);
        return clock.Run("search", progress => AssignmentSearch.Run(searched, samples.Calibration!, samples.CalibrationIndices, goal, progress, cancellationToken));
    }

    private static SearchedModel Searched(CompressionRequest request, WorkFolder shared, WorkFolder work, PassContext context) =>
        new(request.ModelPath, Path.Combine(shared.Path, "simplified.onnx"), work.Path, Equalizes(request), context);

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
        CompressionRequest request,
        CompressionKeys keys,
        ResultCache cache,
        OnnxModel model,
        IReadOnlyDictionary<string, string> equalized,
        CompressionSamples samples,
        WorkFolder shared,
        WorkFolder work,
        PhaseClock clock,
        CancellationToken cancellationToken)
    {
        if (request.Ranges is not null)
        {
            var committed = ActivationRanges.Load(request.Ranges);
            committed.RequireFit(model, request.Ranges);
            committed.RequireEqualized(equalized, model, request.Ranges);
            return committed;
        }

        if (samples.Calibration is null)
        {
            return null;
        }

        ActivationRanges Calibrated() => Kept(
            cache,
            keys.Calibration,
            () => clock.Run("calibrate", progress => RangeCollector.Collect(
                model, samples.Calibration, samples.CalibrationIndices, request.CalibrationMethod, PassChoice.Observed(request, model), PassChoice.MeanAxes(request, model), progress, cancellationToken)) with { Equalized = equalized },
            cancellationToken);

        return PassChoice.Refines(request) ? Kept(cache, keys.Ranges, () => Refined(Calibrated()), cancellationToken) : Calibrated();

        // For one device and every layer, whatever is asked for: ranges belong to the model, and the published file must give the same bytes when it is committed.
        ActivationRanges Refined(ActivationRanges calibrated)
        {
            var searched = Searched(request, shared, work, new PassContext(DeviceProfile.Cpu, calibrated, [], cancellationToken) { Corrections = request.Corrections });
            return clock.Run("refine", progress => RangeRefinement.Refine(searched, samples.Calibration, samples.CalibrationIndices, request.Effort, progress, cancellationToken));
        }
    }

    /// <summary>The ranges of a key, from the cache; made and kept where it has none.</summary>
    private static ActivationRanges Kept(ResultCache cache, string key, Func<ActivationRanges> make, CancellationToken cancellationToken)
    {
        var entry = cache.Ranges(key);
        using var keyLock = CacheLock.Acquire(cache.Folder, key, cancellationToken);
        if (ResultCache.Holds(entry))
        {
            return ActivationRanges.Load(entry);
        }

        var ranges = make();
        ranges.Save(entry);
        return ranges;
    }
}
