using System.Globalization;
using Benchmarks.Formats;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Simplification;

namespace Benchmarks.Models;

/// <summary>The SQNR of models as int4-weights for ways to choose the scales of blocks, without calibration data and with biases corrected by it.</summary>
internal sealed class BlockScaleMethods : IDisposable
{
    /// <summary>Samples that judge: enough for a tenth of a decibel.</summary>
    private const int MostSamples = 200;

    private static readonly string[] DefaultModels = ["digits", "vit", "mobilenetv3", "lstm", "ocr-direction", "ocr-detector", "ocr-recognizer"];

    private readonly string folder = Directory.CreateTempSubdirectory("benchmark-").FullName;
    private readonly BenchmarkModel model;
    private readonly SampleSet validation;
    private readonly ModelOutputs expected;
    private readonly ActivationRanges ranges;

    private BlockScaleMethods(string name)
    {
        model = BenchmarkModels.Prepare(name, folder);
        using var session = ModelSession.Open(model.Path, new SessionSettings());
        var calibration = SampleSet.Open([model.Calibration], session.Ports, new ImageOptions(), textLabels: true);
        validation = SampleSet.Open([model.Validation], session.Ports, new ImageOptions(), textLabels: true);
        expected = ModelOutputs.Of(session, validation, Math.Min(MostSamples, validation.Count));
        using var observed = Load();
        var graph = observed.EditGraph();
        ranges = RangeCollector.Collect(
            observed, calibration, [.. Enumerable.Range(0, Math.Min(MostSamples, calibration.Count))], CalibrationMethod.Auto, ObservedActivations.Of(graph), MeanAxes.Of(graph), null, CancellationToken.None);
    }

    /// <summary>Prints it as Markdown.</summary>
    /// <param name="isSymmetric">Whether blocks have no zero points.</param>
    /// <param name="names">Models of the table of formats; empty for those that int4-weights changes most.</param>
    public static int Run(bool isSymmetric, IReadOnlyList<string> names)
    {
        var models = names.Count > 0 ? names : DefaultModels;
        (string Name, IWeightRounder Rounder)[] methods = [.. BlockScaleMethod.All.Select(method => (method.Name, (IWeightRounder)method)), ("the product", NearestRounder.Instance)];
        var sqnrs = methods.Select(_ => new List<(double Without, double With)>()).ToArray();
        foreach (var name in models)
        {
            using var model = new BlockScaleMethods(name);
            foreach (var (method, measured) in methods.Zip(sqnrs))
            {
                measured.Add((model.Sqnr(method.Rounder, isSymmetric, null), model.Sqnr(method.Rounder, isSymmetric, model.ranges)));
            }
        }

        Console.WriteLine($"| dB without, with calibration data | {string.Join(" | ", models)} | mean |");
        Console.WriteLine($"|---|{string.Concat(models.Select(_ => "---|"))}---|");
        foreach (var (method, measured) in methods.Zip(sqnrs))
        {
            var mean = (measured.Average(each => each.Without), measured.Average(each => each.With));
            Console.WriteLine($"| {method.Name} | {string.Join(" | ", measured.Append(mean).Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Item1:F1}, {each.Item2:F1}")))} |");
        }

        return 0;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private OnnxModel Load() => RuntimeSimplification.Load(model.Path, folder, Path.Combine(folder, "simplified.onnx"));

    private double Sqnr(IWeightRounder rounder, bool isSymmetric, ActivationRanges? observed)
    {
        var result = Path.Combine(folder, "result.onnx");
        using (var quantized = Load())
        {
            new PostTrainingQuantization(FormatAssignment.Int4Weights(BlockOptions.Default with { IsSymmetric = isSymmetric })) { Rounder = rounder }
                .Apply(quantized, new PassContext(DeviceProfile.Cpu, observed, [], CancellationToken.None));
            quantized.Save(result);
        }

        using var session = ModelSession.Open(result, new SessionSettings());
        return expected.SqnrDb(ModelOutputs.Of(session, validation, Math.Min(MostSamples, validation.Count)));
    }
}
