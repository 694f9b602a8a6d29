using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>The passes of a static int8 compression alone, so that a result is seen also where it is larger than the original, which a build would keep.</summary>
internal static class StaticInt8
{
    /// <summary>Calibrates on all samples and writes the result; what is in between goes into the result's folder.</summary>
    public static IReadOnlyList<LayerReport> Write(string model, IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> samples, string result)
    {
        using var simplified = RuntimeSimplification.Load(model, Path.GetDirectoryName(result)!);
        var ranges = RangeCollector.Collect(simplified, new CorpusSamples(samples), [.. Enumerable.Range(0, samples.Count)], CalibrationMethod.Auto, ObservedActivations.Of(simplified.EditGraph()), MeanAxes.Of(simplified.EditGraph()), null, CancellationToken.None);
        var layers = new PostTrainingQuantization(FormatAssignment.Int8).Apply(simplified, new PassContext(DeviceProfile.Cpu, ranges, [], CancellationToken.None)).Layers;
        simplified.Save(result);
        return layers;
    }
}
