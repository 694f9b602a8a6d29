using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.WeightSharing;

namespace Benchmarks.Formats;

/// <summary>Models whose weights share values, alone and with other formats: how much smaller they are, how good on samples that neither saw, and how long they take to load and to run against the float model.</summary>
internal static class SharingTable
{
    private const int Loads = 15;

    /// <summary>Prints it as Markdown.</summary>
    /// <param name="names">Models of the table; none is those in the repository.</param>
    public static int Run(IReadOnlyList<string> names)
    {
        Console.WriteLine($"| model | form | smaller | SQNR | accuracy | seconds | load | run |{Environment.NewLine}|---|---|---|---|---|---|---|---|");
        foreach (var name in names.Count > 0 ? names : ["digits", "vit", "mobilenetv3"])
        {
            var folder = Directory.CreateTempSubdirectory("sharing-").FullName;
            try
            {
                var request = FormatTable.Request(BenchmarkModels.Prepare(name, folder), DeviceProfile.Cpu, folder);
                foreach (var (form, changed) in Forms(request))
                {
                    Print(name, form, changed);
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return 0;
    }

    private static IEnumerable<(string Form, CompressionRequest Request)> Forms(CompressionRequest request)
    {
        foreach (var values in new[] { 2, 4, 16, 32, 64, 256 })
        {
            var shared = request with { Quantize = QuantizationMode.None, Share = new SharingOptions(values) };
            yield return ($"{values}, without samples", shared with { Calibration = [] });
            yield return ($"{values}", shared);
        }

        yield return ("16 for 16 channels", request with { Quantize = QuantizationMode.None, Share = new SharingOptions(16, 16) });
        foreach (var mode in new[] { QuantizationMode.Int8, QuantizationMode.Int8Weights })
        {
            yield return (QuantizationModeNames.Of(mode), request with { Quantize = mode });
            foreach (var values in new[] { 16, 32, 64 })
            {
                yield return ($"{values} + {QuantizationModeNames.Of(mode)}", request with { Quantize = mode, Share = new SharingOptions(values) });
            }
        }
    }

    private static void Print(string name, string form, CompressionRequest request)
    {
        var result = ModelCompressor.Compress(request, null, CancellationToken.None);
        var report = result.Report;
        var (original, compressed) = (new List<double>(), new List<double>());
        for (var load = 0; load < Loads; load++)
        {
            // In turns, so that what slows the machine slows both.
            original.Add(LoadMilliseconds(request.ModelPath));
            compressed.Add(LoadMilliseconds(result.ModelPath));
        }

        var seconds = report.Seconds.GetValueOrDefault("round") + report.Seconds.GetValueOrDefault("quantize");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {form} | {report.Ratio:F2}× | {report.SqnrDb:F1} dB | {100 * report.Metric?.Original:F2} % → {100 * report.Metric?.Compressed:F2} % | {seconds:F1} | {original.Order().ElementAt(Loads / 2):F1} → {compressed.Order().ElementAt(Loads / 2):F1} ms | {report.Latency?.Ratio:F2} |"));
    }

    private static double LoadMilliseconds(string path)
    {
        var start = Stopwatch.GetTimestamp();
        ModelSession.Open(path, new SessionSettings()).Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
