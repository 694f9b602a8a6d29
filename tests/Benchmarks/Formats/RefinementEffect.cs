using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace Benchmarks.Formats;

/// <summary>The models of the table as int8 with the greatest effort, with the ranges of calibration and with refined ones: SQNR on samples that neither saw, and the seconds that refining took.</summary>
internal static class RefinementEffect
{
    /// <param name="names">Models of the table; none is all.</param>
    public static int Run(IReadOnlyList<string> names)
    {
        Console.WriteLine($"| model | calibrated | refined | seconds |{Environment.NewLine}|---|---|---|---|");
        foreach (var name in names.Count > 0 ? names : BenchmarkModels.Names)
        {
            var folder = Directory.CreateTempSubdirectory("formats-").FullName;
            try
            {
                var request = FormatTable.Request(BenchmarkModels.Prepare(name, folder), DeviceProfile.Cpu, folder) with { Quantize = QuantizationMode.Int8, Effort = Effort.Best };
                var (calibrated, refined) = (Compress(request with { Corrections = new CorrectionSwitches(Ranges: false) }), Compress(request));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {calibrated.SqnrDb:F2} dB | {refined.SqnrDb:F2} dB | {Seconds(refined):F1} |"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return 0;
    }

    private static CompressionReport Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None).Report;

    private static double Seconds(CompressionReport report) => report.Seconds.GetValueOrDefault("refine");
}
