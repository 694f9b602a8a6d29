using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>One model in every form a build can write: how large each is, how exact, and how long a run takes on this machine.</summary>
internal static class CompressedForms
{
    private static readonly DeviceProfile Gpu = new() { Name = "gpu", Weights = NumericFormat.Float16, Activations = NumericFormat.Float16 };

    public static int Run(string model, IReadOnlyList<string> calibration)
    {
        var folder = Directory.CreateTempSubdirectory("forms-").FullName;
        try
        {
            Console.WriteLine("| | bytes | smaller | dB | ms | of the original's time | warnings |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            var warnings = new List<string>();
            foreach (var (device, mode, format) in Forms())
            {
                var request = new CompressionRequest
                {
                    ModelPath = Path.GetFullPath(model),
                    Name = "model",
                    OutputFolder = Path.Combine(folder, "out"),
                    CacheFolder = Path.Combine(folder, "cache"),
                    Quantize = mode,
                    Calibration = [.. calibration.Select(Path.GetFullPath)],
                    Device = device,
                    Format = format,
                };
                var report = ModelCompressor.Compress(request, null, CancellationToken.None).Report;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {report.Variant}, {(format == ModelFormat.Ort ? ".ort" : format == ModelFormat.QOperator ? ".onnx of integer operators" : ".onnx")} | {report.CompressedBytes} | {report.Ratio:F2}× | {report.SqnrDb:F1} | {report.Latency?.CompressedMs:F3} | {report.Latency?.Ratio:F2} | {string.Join(' ', report.Warnings.Select(warning => warning.Code))} |"));
                warnings.AddRange(report.Warnings.Select(warning => $"{warning.Code}: {warning.Message}"));
            }

            Console.WriteLine(string.Join('\n', warnings.Prepend("")));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<(DeviceProfile Device, QuantizationMode Mode, ModelFormat Format)> Forms() =>
    [
        (DeviceProfile.Cpu, QuantizationMode.None, ModelFormat.Qdq),
        (DeviceProfile.Cpu, QuantizationMode.None, ModelFormat.Ort),
        (DeviceProfile.Cpu, QuantizationMode.Int8, ModelFormat.Qdq),
        (DeviceProfile.Cpu, QuantizationMode.Int8, ModelFormat.QOperator),
        (DeviceProfile.Cpu, QuantizationMode.Int8, ModelFormat.Ort),
        (DeviceProfile.Cpu, QuantizationMode.Int8Weights, ModelFormat.Qdq),
        (DeviceProfile.Cpu, QuantizationMode.Int8Weights, ModelFormat.Ort),
        (DeviceProfile.Cpu, QuantizationMode.Int16, ModelFormat.Qdq),
        (DeviceProfile.Cpu, QuantizationMode.Float16, ModelFormat.Qdq),
        (Gpu, QuantizationMode.Int8, ModelFormat.Qdq),
    ];
}
