using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression;

/// <summary>Rounds weights by what layers read of the samples, where the effort allows it.</summary>
internal static class RoundingRun
{
    /// <summary>The weights; null where all of them become the nearest values.</summary>
    /// <param name="work">What to make.</param>
    /// <param name="context">What the pass knows that will write the weights.</param>
    /// <param name="found">The assignment that a search found, or null where none was made.</param>
    public static RoundedWeights? Run(CompressionWork work, PassContext context, FormatAssignment? found) => !work.Request.RoundsBySamples || work.Request.Effort == Effort.Fast ? null
        : work.Clock.Run("round", progress => Run(work, work.Searched(context), found, progress));

    private static RoundedWeights Run(CompressionWork work, SearchedModel prepared, FormatAssignment? found, PhaseReporter progress)
    {
        var context = prepared.Context;
        var recorder = new RecordingRounder();
        using (var planned = prepared.Load())
        {
            PassChoice.Of(work.Request, context.Ranges, found, PassChoice.Rounder(work.Request, recorder)).Apply(planned, context with { Trace = null });
        }

        var samples = work.Samples.Calibration!;
        var effort = RoundingEffort.Of(work.Request.Effort);
        var indices = SampleSpread.Of(work.Samples.CalibrationIndices, effort.Samples, samples.States.Count > 0);
        using var model = prepared.Load();
        return new SequentialRounding(new ShadowModel(model, context), samples, indices, effort, work.CancellationToken).Run(
            recorder.Targets,
            (layer, weight, done, count) => progress.Report(PhaseProgress.OfLayer(done, count, layer.Readers[0].DisplayName(), layer.Target.Format, weight.SqnrDb, weight.NearestSqnrDb)));
    }
}
