using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>What is left of a model, and of its accuracy and time, without shares of its channels or blocks, and without retraining.</summary>
internal static class ChannelPruning
{
    public static int Run(string method, string model, string calibration, string validation, IEnumerable<string> options)
    {
        Console.WriteLine("share  format  weights            top-1             SQNR      latency            seconds to prune");
        foreach (var share in options.Where(option => !option.StartsWith('-')))
        {
            Write(Enum.Parse<PruneMethod>(method, ignoreCase: true), model, calibration, validation, share, QuantizationMode.None);
            if (options.Contains("--int8"))
            {
                Write(Enum.Parse<PruneMethod>(method, ignoreCase: true), model, calibration, validation, share, QuantizationMode.Int8);
            }
        }

        return 0;
    }

    private static void Write(PruneMethod method, string model, string calibration, string validation, string share, QuantizationMode mode)
    {
        var folder = Directory.CreateTempSubdirectory("ModelBuildTasks.").FullName;
        try
        {
            var report = ModelCompressor.Compress(
                new CompressionRequest
                {
                    ModelPath = Path.GetFullPath(model),
                    Name = "pruned",
                    OutputFolder = Path.Combine(folder, "out"),
                    CacheFolder = Path.Combine(folder, "cache"),
                    Quantize = mode,
                    Prune = new PruningOptions(double.Parse(share, CultureInfo.InvariantCulture), method),
                    Calibration = [Path.GetFullPath(calibration)],
                    Validation = [Path.GetFullPath(validation)],
                },
                null,
                CancellationToken.None).Report;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{share,-6} {(mode == QuantizationMode.None ? "float" : "int8"),-7} {report.Pruning!.WeightsBefore} → {report.Pruning.WeightsAfter}  {report.Metric?.Original:0.0000} → {report.Metric?.Compressed:0.0000}  {report.SqnrDb:0.0} dB  {report.Latency?.OriginalMs:0.000} → {report.Latency?.CompressedMs:0.000} ms ({report.Latency?.Ratio:0.00})  {report.Seconds.GetValueOrDefault("prune"):0.0}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
