using System.Collections.Frozen;
using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Smoothing;
using ModelBuildTasks.Compression.Simplification;

namespace Benchmarks.Models;

/// <summary>One model as int8 and as int8-weights with every combination of the corrections of quantization errors: the SQNR of its outputs.</summary>
internal sealed class CorrectionEffects : IDisposable
{
    private static readonly IReadOnlyDictionary<string, int[]> NotSmoothed = FrozenDictionary<string, int[]>.Empty;

    private readonly string folder = Directory.CreateTempSubdirectory("benchmark-").FullName;
    private readonly string path;
    private readonly SampleSet calibration;
    private readonly SampleSet validation;
    private readonly ModelOutputs expected;

    private CorrectionEffects(string model, string calibration, string validation)
    {
        path = Path.GetFullPath(model);
        using var session = ModelSession.Open(path, new SessionSettings());
        this.calibration = SampleSet.Open([Path.GetFullPath(calibration)], session.Ports, new ImageOptions());
        this.validation = SampleSet.Open([Path.GetFullPath(validation)], session.Ports, new ImageOptions());
        expected = ModelOutputs.Of(session, this.validation, this.validation.Count);
    }

    public static int Run(string model, string calibration, string validation)
    {
        using var effects = new CorrectionEffects(model, calibration, validation);
        effects.Print();
        return 0;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Print()
    {
        using var equal = Load(isEqualized: true, out var pairs);
        var start = Environment.CpuUsage.TotalTime;
        var smoothed = SmoothQuant.Measure(equal, calibration, [.. Enumerable.Range(0, calibration.Count)], CalibrationMethod.Auto, CancellationToken.None);
        var seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        foreach (var (isEqualized, isSmoothed) in new[] { (false, false), (true, false), (true, true) })
        {
            using var observed = Load(isEqualized, out _);
            SmoothQuant.Apply(observed, isSmoothed ? smoothed : NotSmoothed);
            Console.WriteLine(
                isSmoothed ? string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}With smoothing too, of {smoothed.Count} activations (found in {seconds:F2} s of processor time):")
                : isEqualized ? $"{Environment.NewLine}With equalization, of {pairs} pairs of layers:"
                : $"{Path.GetFileNameWithoutExtension(path)}, without equalization and smoothing:");
            Console.WriteLine($"{Environment.NewLine}| bias correction | weight scales by error | int8 | int8-weights | int8-weights with the factors of int8 |{Environment.NewLine}|---|---|---|---|---|");
            var ranges = RangeCollector.Collect(
                observed, calibration, [.. Enumerable.Range(0, calibration.Count)], CalibrationMethod.Auto, ObservedActivations.Of(observed.EditGraph()), MeanAxes.Of(observed.EditGraph()), null, CancellationToken.None) with { Smoothed = isSmoothed ? smoothed : NotSmoothed };
            using var original = Load(isEqualized, out _);
            var weightsAlone = SmoothQuant.TakeBack(ranges, original);
            foreach (var (bias, scales) in new[] { (false, false), (false, true), (true, false), (true, true) })
            {
                var corrections = new CorrectionSwitches(scales, bias, isEqualized, isSmoothed);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {YesNo(bias)} | {YesNo(scales)} | {Sqnr(FormatAssignment.Int8, ranges, corrections):F1} dB | {Sqnr(FormatAssignment.Int8Weights, weightsAlone, corrections):F1} dB | {Sqnr(FormatAssignment.Int8Weights, ranges, corrections):F1} dB |"));
            }
        }
    }

    private static string YesNo(bool isMade) => isMade ? "yes" : "no";

    private OnnxModel Load(bool isEqualized, out int pairs)
    {
        var model = RuntimeSimplification.Load(path, folder, Path.Combine(folder, "simplified.onnx"));
        pairs = isEqualized ? CrossLayerEqualization.Apply(model).Count : 0;
        return model;
    }

    private double Sqnr(FormatAssignment formats, ActivationRanges ranges, CorrectionSwitches corrections)
    {
        var result = Path.Combine(folder, "result.onnx");
        using (var model = Load(corrections.Equalization, out _))
        {
            SmoothQuant.Apply(model, ranges.Smoothed);
            new PostTrainingQuantization(formats).Apply(model, new PassContext(DeviceProfile.Cpu, ranges, [], CancellationToken.None) { Corrections = corrections });
            model.Save(result);
        }

        using var session = ModelSession.Open(result, new SessionSettings());
        return expected.SqnrDb(ModelOutputs.Of(session, validation, validation.Count));
    }
}
