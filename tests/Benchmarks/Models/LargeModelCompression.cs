using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Models;

/// <summary>A model beyond 2 GB whose weights become bytes, without calibration data: the memory that takes.</summary>
internal static class LargeModelCompression
{
    private const double MostMegabytes = 1000;

    /// <returns>0 when every layer is stored as bytes, the bytes are the weights, and the resident memory stayed below 1 GB.</returns>
    public static int Run(int megabytes, bool oneTensor)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var original = Path.Combine(folder.FullName, "original.onnx");
            var start = Stopwatch.GetTimestamp();
            var weights = LargeModelFile.Write(original, megabytes, oneTensor);
            Print($"generated {new FileInfo(original + ".data").Length / 1e6:F0} MB in {weights.Count} weights, the largest {weights.Max(weight => weight.Elements) * sizeof(float) / 1e6:F0} MB, in {Lap(ref start):F1} s");

            var request = new CompressionRequest
            {
                ModelPath = original,
                Name = "large",
                OutputFolder = Path.Combine(folder.FullName, "output"),
                CacheFolder = Path.Combine(folder.FullName, "cache"),
                Quantize = QuantizationMode.Int8,
            };
            var result = ModelCompressor.Compress(request, null, CancellationToken.None);
            var peak = PeakMemory.Megabytes;
            Print($"compressed to {result.Report.CompressedBytes / 1e6:F0} MB ({result.Report.Ratio:F2}×) in {Lap(ref start):F1} s");
            Print($"VmHWM {peak:F0} MB");

            var layers = result.Report.Layers.Count(layer => layer.Format == "int8-weights");
            var (values, wrong) = Compare(original, result.ModelPath, weights);
            Print($"{layers} of {weights.Count} weights are bytes; {values} restored values compared with the original, {wrong} more than half a step away");
            return layers == weights.Count && wrong == 0 && peak < MostMegabytes ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Compares parts at both ends and in the middle of every weight.</summary>
    private static (long Values, long Wrong) Compare(string original, string compressed, IReadOnlyList<LargeModelFile.Weight> weights)
    {
        using var before = OnnxModel.Load(original);
        using var after = OnnxModel.Load(compressed);
        var restored = after.EditGraph();
        var (values, wrong) = (0L, 0L);
        foreach (var weight in weights)
        {
            var node = before.Proto.Graph.Node.First(node => node.Input.Contains(weight.Name));
            var axis = Layers.Weights(node, before.EditGraph()).Single().Axis;
            var multiply = restored.Producer(after.Proto.Graph.Node.First(candidate => candidate.Name == node.Name).Input[node.Input.IndexOf(weight.Name)])!;
            var scales = restored.Constant(multiply.Input[1])!.Singles();
            var bytes = new BytesReader(restored.Constant(restored.Producer(multiply.Input[0])!.Input[0])!);
            var floats = new SinglesReader(before.Proto.Graph.Initializer.First(tensor => tensor.Name == weight.Name));
            var count = (int)Math.Min(SinglesReader.LongestPart, floats.Count);
            foreach (var start in new[] { 0, (floats.Count - count) / 2, floats.Count - count })
            {
                var expected = floats.Read(start, count);
                var quantized = bytes.Read(start, count).Span;
                for (var i = 0; i < count; i++)
                {
                    var scale = scales[(int)((start + i) / axis.Inner % axis.Channels)];
                    wrong += Math.Abs(expected[i] - ((sbyte)quantized[i] * scale)) <= 0.5001 * scale ? 0 : 1;
                }

                values += count;
            }
        }

        return (values, wrong);
    }

    private static double Lap(ref long start)
    {
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        return seconds;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
