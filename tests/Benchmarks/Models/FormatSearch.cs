using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Search;

namespace Benchmarks.Models;

/// <summary>The search of Quantize="auto" on one model: what it took, and what it found.</summary>
internal static class FormatSearch
{
    private const int Shown = 8;

    /// <param name="model">The model.</param>
    /// <param name="calibration">Samples that calibrate and steer the search.</param>
    /// <param name="validation">Samples that judge.</param>
    /// <param name="options">latency or size; a drop such as 0.004; dB such as 24dB; the keys of a text recognizer, a .txt file.</param>
    public static int Run(string model, string calibration, string validation, string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("ModelBuildTasks.").FullName;
        try
        {
            var request = new CompressionRequest
            {
                ModelPath = Path.GetFullPath(model),
                Name = "searched",
                OutputFolder = Path.Combine(folder, "out"),
                CacheFolder = Path.Combine(folder, "cache"),
                Quantize = QuantizationMode.Auto,
                Calibration = [Path.GetFullPath(calibration)],
                Validation = [Path.GetFullPath(validation)],
                Device = DeviceProfile.Cpu,
            };
            foreach (var option in options)
            {
                request = option is "size" or "latency" ? request with { OptimizeFor = option == "size" ? OptimizationGoal.Size : OptimizationGoal.Latency }
                    : option.EndsWith("dB", StringComparison.Ordinal) ? request with { MinSqnr = Number(option[..^2]) }
                    : option.EndsWith(".txt", StringComparison.Ordinal) ? request with { Keys = Path.GetFullPath(option) }
                    : request with { MaxAccuracyDrop = Number(option) };
            }

            Print(ModelCompressor.Compress(request, null, CancellationToken.None).Report);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(CompressionReport report)
    {
        var search = report.Search!;
        Print($"{search.Trials} trials on {search.Samples} samples, {(search.Met ? "met" : "not met")}: {search.SqnrDb:F1} dB, drop {search.Drop:P2}");
        Print($"judged: {report.SqnrDb:F1} dB, {report.Metric?.Name} {report.Metric?.Original:P2} → {report.Metric?.Compressed:P2}; {report.Ratio:F2}× smaller; latency ratio {report.Latency?.Ratio:F2}");
        Print($"{string.Join(", ", report.Layers.GroupBy(layer => layer.Format).Select(group => $"{group.Count()} {group.Key}"))}; {string.Join(", ", report.Seconds.Select(phase => string.Create(CultureInfo.InvariantCulture, $"{phase.Key} {phase.Value:F1} s")))}");
        foreach (var layer in search.Layers.Take(Shown))
        {
            Print($"  {layer.Name} {layer.Format} {layer.SqnrDb:F1} dB");
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
