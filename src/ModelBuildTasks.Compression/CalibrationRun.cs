using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Smoothing;

namespace ModelBuildTasks.Compression;

/// <summary>Tells the ranges of a model's activations: committed ones, those in the cache, or those that its samples show.</summary>
internal static class CalibrationRun
{
    /// <summary>The ranges; null without samples and without a committed file.</summary>
    /// <param name="work">What to make.</param>
    /// <param name="model">The model, its channels between layers scaled; unchanged afterwards.</param>
    /// <param name="equalized">The layers between which they were scaled.</param>
    public static ActivationRanges? Ranges(CompressionWork work, OnnxModel model, IReadOnlyDictionary<string, string> equalized)
    {
        var request = work.Request;
        if (request.Ranges is not null)
        {
            var committed = ActivationRanges.Load(request.Ranges);
            committed.RequireFit(model, request.Ranges);
            committed.RequireEqualized(equalized, model, request.Ranges);
            committed.RequireSmoothable(committed.Smoothed.Count > 0 ? SmoothQuant.Channels(model) : FrozenDictionary<string, int>.Empty, model, request.Ranges);
            return committed;
        }

        if (work.Samples.Calibration is not { } samples)
        {
            return null;
        }

        var entry = work.Cache.Ranges(work.Keys.Calibration);
        using var keyLock = CacheLock.Acquire(work.Cache.Folder, work.Keys.Calibration, work.CancellationToken);
        if (ResultCache.Holds(entry))
        {
            return ActivationRanges.Load(entry);
        }

        var ranges = Calibrate(work, samples, model, equalized);
        ranges.Save(entry);
        return ranges;
    }

    private static ActivationRanges Calibrate(CompressionWork work, SampleSet samples, OnnxModel model, IReadOnlyDictionary<string, string> equalized) => work.Clock.Run("calibrate", progress =>
    {
        var (request, indices) = (work.Request, work.Samples.CalibrationIndices);
        var smoothed = PassChoice.Smooths(request) ? SmoothQuant.Measure(model, samples, indices, request.CalibrationMethod, work.CancellationToken) : FrozenDictionary<string, int[]>.Empty;
        using var copy = Smoothed(work, smoothed, equalized);
        var observed = copy ?? model;
        return RangeCollector.Collect(observed, samples, indices, request.CalibrationMethod, PassChoice.Observed(request, observed), PassChoice.MeanAxes(request, observed), progress, work.CancellationToken) with
        {
            Equalized = equalized,
            Smoothed = smoothed,
        };
    });

    /// <summary>The model with large channels divided, as it is observed; null where nothing gains by that. It is a copy, since passes that store weights alone take the factors back.</summary>
    private static OnnxModel? Smoothed(CompressionWork work, IReadOnlyDictionary<string, int[]> exponents, IReadOnlyDictionary<string, string> equalized)
    {
        if (exponents.Count == 0)
        {
            return null;
        }

        var copy = work.Load();
        if (equalized.Count > 0)
        {
            CrossLayerEqualization.Apply(copy);
        }

        SmoothQuant.Apply(copy, exponents);
        return copy;
    }
}
