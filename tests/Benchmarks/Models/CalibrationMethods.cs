using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>One model as int8 with the ranges of each calibration method: how good it is, and what the ranges took.</summary>
internal static class CalibrationMethods
{
    private const int Runs = 3;

    public static int Run(string model, string calibration, string validation)
    {
        // Loads the runtime and compiles our code.
        Report(model, calibration, validation, CalibrationMethod.Auto);
        Print($"| CalibrationMethod | SQNR | metric | calibration |");
        Print($"|---|---|---|---|");
        foreach (var method in Enum.GetValues<CalibrationMethod>().Order())
        {
            var reports = Enumerable.Range(0, Runs).Select(_ => Report(model, calibration, validation, method)).ToArray();
            var report = reports[0];
            Print($"| {method.ToString().ToLowerInvariant()} | {report.SqnrDb:F2} dB | {report.Metric?.Name} {report.Metric?.Original:P2} → {report.Metric?.Compressed:P2} | {reports.Min(each => each.Seconds["calibrate"]):F2} s |");
        }

        Print($"Peak resident memory of all: {PeakMemory.Megabytes:F0} MB");
        return 0;
    }

    private static ModelBuildTasks.Compression.Reporting.CompressionReport Report(string model, string calibration, string validation, CalibrationMethod method)
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
                Calibration = [Path.GetFullPath(calibration)],
                Validation = [Path.GetFullPath(validation)],
                CalibrationMethod = method,
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
