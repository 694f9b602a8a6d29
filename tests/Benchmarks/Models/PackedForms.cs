using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Google.Protobuf;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>What Brotli makes of one model, pruned by magnitude and not, as floats and as int8: each setting of the encoder against the entropy of single bytes, and the product's own choice with tensors in their order and sorted by type.</summary>
internal static class PackedForms
{
    private static readonly (int Quality, int Window)[] Settings = [(4, 10), (9, 24), (10, 24), (11, 24)];

    public static int Run(string model, IReadOnlyList<string> calibration)
    {
        var folder = Directory.CreateTempSubdirectory("packed-").FullName;
        try
        {
            Console.WriteLine($"| | .onnx | entropy of its tensors | {string.Join(" | ", Settings.Select(setting => $"quality {setting.Quality}, 2^{setting.Window}"))} | packed | sorted by type | s to pack | ms to unpack |");
            Console.WriteLine($"|---|---|---|{string.Concat(Settings.Select(_ => "---|"))}---|---|---|---|");
            foreach (var mode in new[] { QuantizationMode.None, QuantizationMode.Int8 })
            {
                foreach (var sparsity in new[] { 0, 0.5, 0.8 })
                {
                    Write(new CompressionRequest
                    {
                        ModelPath = Path.GetFullPath(model),
                        Name = "model",
                        OutputFolder = Path.Combine(folder, "out"),
                        CacheFolder = Path.Combine(folder, "cache"),
                        Quantize = mode,
                        Prune = sparsity == 0 ? null : new PruningOptions(sparsity, PruneMethod.Magnitude),
                        Calibration = [.. calibration.Select(Path.GetFullPath)],
                        ResourceCompression = ResourceCompression.Brotli,
                    });
                }
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(CompressionRequest request)
    {
        var result = ModelCompressor.Compress(request, null, CancellationToken.None);
        var content = File.ReadAllBytes(result.ModelPath);
        var proto = ModelProto.Parser.ParseFrom(content);
        var entropy = MessageTree.Tensors(proto).Sum(tensor => Entropy(tensor.Bytes()));
        var sorted = result.ModelPath + ".sorted";
        var tensors = proto.Graph.Initializer.OrderBy(tensor => tensor.DataType).ToArray();
        proto.Graph.Initializer.Clear();
        proto.Graph.Initializer.AddRange(tensors);
        File.WriteAllBytes(sorted, proto.ToByteArray());
        var (packed, seconds) = Packed(result.ModelPath, sorted + ".packed");
        var start = Stopwatch.GetTimestamp();
        BrotliDecoder.TryDecompress(packed, new byte[content.Length], out _);
        var unpacking = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var (packedSorted, _) = Packed(sorted, sorted + ".packed");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Report.Variant}{(request.Prune is { } prune ? $", Prune=\"{prune.Text}\"" : "")} | {content.Length} | {entropy:F0} | {string.Join(" | ", Settings.Select(setting => Encoded(content, setting)))} | {packed.Length} | {packedSorted.Length} | {seconds:F2} | {unpacking:F1} |"));
    }

    private static (byte[] Packed, double Seconds) Packed(string source, string target)
    {
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        BrotliFile.Pack(source, target, CancellationToken.None);
        return (File.ReadAllBytes(target), (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
    }

    private static int Encoded(byte[] content, (int Quality, int Window) setting) =>
        BrotliEncoder.TryCompress(content, new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)], out var length, setting.Quality, setting.Window) ? length : content.Length;

    /// <summary>Bytes that single bytes take at least, each coded for itself.</summary>
    private static double Entropy(ReadOnlySpan<byte> bytes)
    {
        var counts = new int[256];
        foreach (var value in bytes)
        {
            counts[value]++;
        }

        var bits = 0.0;
        foreach (var count in counts)
        {
            bits -= count == 0 ? 0 : count * Math.Log2((double)count / bytes.Length);
        }

        return bits / 8;
    }
}
