using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Corpus.Tests.Models;

namespace ModelBuildTasks.Corpus.Tests.Trials;

/// <summary>The passes of a compression to float16 alone, so that a result is seen also where it is larger than the original, which a build would keep.</summary>
internal static class HalfFloat
{
    /// <summary>Calibrates on all samples and writes the result, and the form of it that rounds on every host; what is in between goes into the result's folder.</summary>
    public static IReadOnlyList<LayerReport> Write(string model, IReadOnlyList<IReadOnlyDictionary<string, ModelValue>> samples, string result, string rounded)
    {
        using var simplified = RuntimeSimplification.Load(model, Path.GetDirectoryName(result)!);
        var observed = HalfActivations.Of(simplified.EditGraph(), simplified.Opset);
        var ranges = RangeCollector.Collect(simplified, new CorpusSamples(samples), [.. Enumerable.Range(0, samples.Count)], CalibrationMethod.MinMax, observed, null, null, CancellationToken.None);
        var layers = new HalfPrecision().Apply(simplified, new PassContext(new DeviceProfile { Name = "gpu", Weights = NumericFormat.Float16, Activations = NumericFormat.Float16 }, ranges, [], CancellationToken.None)).Layers;
        simplified.Save(result);
        using var half = OnnxModel.Load(result);
        HalfEmulation.Apply(half);
        half.Save(rounded);
        return layers;
    }
}
