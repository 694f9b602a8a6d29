using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>One compression as a build runs it, with an empty cache.</summary>
internal static class WholeProcess
{
    public static int Run(string model, IReadOnlyList<string> calibration)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var start = Stopwatch.GetTimestamp();
            var request = new CompressionRequest
            {
                ModelPath = Path.GetFullPath(model),
                Name = Path.GetFileNameWithoutExtension(model),
                OutputFolder = Path.Combine(folder.FullName, "output"),
                CacheFolder = Path.Combine(folder.FullName, "cache"),
                Quantize = QuantizationMode.Int8,
                Calibration = [.. calibration.Select(Path.GetFullPath)],
            };
            var report = ModelCompressor.Compress(request, null, CancellationToken.None).Report;
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

            Print($"| {request.Name} | |");
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
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
