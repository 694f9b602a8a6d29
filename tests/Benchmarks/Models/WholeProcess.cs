using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace Benchmarks.Models;

/// <summary>One compression as a build runs it, with an empty cache.</summary>
internal static class WholeProcess
{
    public static int Run(string model, IReadOnlyList<string> calibration)
    {
        var start = Stopwatch.GetTimestamp();
        var report = Compress(model, calibration, [], CalibrationMethod.Auto);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        Print($"| {Path.GetFileNameWithoutExtension(model)} | |");
        Print($"|---|---|");
        foreach (var (phase, phaseSeconds) in report.Seconds)
        {
            Print($"| {phase} | {phaseSeconds:F2} s |");
        }

        Print($"| all | {seconds:F2} s |");
        Print($"| size | {report.OriginalBytes / 1e6:F2} MB → {report.CompressedBytes / 1e6:F2} MB ({report.Ratio:F2}×) |");
        Print($"| accuracy | {report.Metric?.Name ?? "not checked"} {report.Metric?.Original:P2} → {report.Metric?.Compressed:P2} |");
        foreach (var output in report.Outputs)
        {
            Print($"| output '{output.Name}' | SQNR {output.SqnrDb:F1} dB, cosine {output.Cosine:F5} |");
        }

        foreach (var state in report.States)
        {
            Print($"| state '{state.Input}' | carried from '{state.Output}' |");
        }

        Print($"| latency | {report.Latency?.OriginalMs:F2} ms → {report.Latency?.CompressedMs:F2} ms |");
        Print($"| peak resident memory | {PeakMemory.Megabytes:F0} MB |");
        return 0;
    }

    /// <summary>Prints nothing but the megabytes of the largest resident set: for another process that reads it.</summary>
    public static int RunForPeak(string method, string model, IReadOnlyList<string> calibration)
    {
        Compress(model, calibration, [], Enum.Parse<CalibrationMethod>(method));
        Print($"{PeakMemory.Megabytes:F1}");
        return 0;
    }

    /// <summary>Compresses as int8 with an empty cache and leaves nothing behind.</summary>
    public static CompressionReport Compress(string model, IReadOnlyList<string> calibration, IReadOnlyList<string> validation, CalibrationMethod method, DeviceProfile? device = null, CorrectionSwitches? corrections = null)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var request = new CompressionRequest
            {
                ModelPath = Path.GetFullPath(model),
                Name = Path.GetFileNameWithoutExtension(model),
                OutputFolder = Path.Combine(folder.FullName, "output"),
                CacheFolder = Path.Combine(folder.FullName, "cache"),
                Quantize = QuantizationMode.Int8,
                Calibration = [.. calibration.Select(Path.GetFullPath)],
                Validation = [.. validation.Select(Path.GetFullPath)],
                CalibrationMethod = method,
                Device = device ?? DeviceProfile.Cpu,
                Corrections = corrections ?? CorrectionSwitches.All,
            };
            return ModelCompressor.Compress(request, null, CancellationToken.None).Report;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
