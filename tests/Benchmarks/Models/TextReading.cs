using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>A text recognizer as it is and compressed: characters and lines that it reads right.</summary>
internal static class TextReading
{
    /// <param name="model">The recognizer.</param>
    /// <param name="keys">The file of its keys.</param>
    /// <param name="calibration">Lines that calibrate.</param>
    /// <param name="validation">Other lines with their texts.</param>
    /// <param name="costs">The cost table of a processor with VNNI; null for one without, as the profile cpu is.</param>
    public static int Run(string model, string keys, string calibration, string validation, string? costs)
    {
        var device = costs is null ? DeviceProfile.Cpu : new DeviceProfile { Name = "x64-vnni", Costs = CostTable.Load(Path.GetFullPath(costs)) };
        var folder = Directory.CreateTempSubdirectory("text-").FullName;
        try
        {
            Print($"| Quantize | characters | drop, 95 % interval | lines | SQNR | smaller | faster |");
            Print($"|---|---|---|---|---|---|---|");
            foreach (var mode in (ReadOnlySpan<QuantizationMode>)[QuantizationMode.None, QuantizationMode.Int8, QuantizationMode.Int8Weights])
            {
                var request = new CompressionRequest
                {
                    ModelPath = Path.GetFullPath(model),
                    Name = "text",
                    OutputFolder = Path.Combine(folder, "out"),
                    CacheFolder = Path.Combine(folder, "cache"),
                    Quantize = mode,
                    Calibration = [Path.GetFullPath(calibration)],
                    Validation = [Path.GetFullPath(validation)],
                    Device = device,
                    Metric = Metric.Ctc,
                    Keys = Path.GetFullPath(keys),
                };
                var report = ModelCompressor.Compress(request, null, CancellationToken.None).Report;
                var (metric, lines) = (report.Metric!, report.Lines!);
                Print($"| {report.Variant} | {metric.Original:P2} → {metric.Compressed:P2} | {100 * metric.Drop:F2} ({100 * metric.Interval[0]:F2} to {100 * metric.Interval[1]:F2}) | {lines.Original:P2} → {lines.Compressed:P2} | {report.SqnrDb:F1} dB | {report.Ratio:F2}× | {1 / report.Latency?.Ratio:F2}× |");
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
