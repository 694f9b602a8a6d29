using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace Benchmarks.Models;

/// <summary>A model beyond 2 GB whose weights become bytes, without calibration data: the memory that takes.</summary>
internal static class LargeModelCompression
{
    private const double MostMegabytes = 1000;

    private const double LowestDb = 20;

    /// <returns>0 when every layer is stored as bytes, the bytes are the weights, and the resident memory stayed below 1 GB.</returns>
    public static int Run(int megabytes, bool oneTensor) => Run(megabytes, oneTensor, [], (original, weights, result) =>
    {
        var peak = PeakMemory.Megabytes;
        var layers = result.Report.Layers.Count(layer => layer.Format == "int8-weights");
        var (values, wrong) = Compare(original, result.ModelPath, weights);
        Print($"{layers} of {weights.Count} weights are bytes; {values} restored values compared with the original, {wrong} more than half a step away");
        return layers == weights.Count && wrong == 0 && peak < MostMegabytes;
    });

    /// <summary>With calibration data: ONNX Runtime has to run the model, so memory is what that takes.</summary>
    /// <returns>0 when every layer is stored as bytes, and the result is close to the original.</returns>
    public static int RunCalibrated(int megabytes) => Run(megabytes, false, ["data"], (_, weights, result) =>
    {
        var formats = result.Report.Layers.GroupBy(layer => layer.Format).Select(group => $"{group.Count()} {group.Key}");
        Print($"layers: {string.Join(", ", formats)}; SQNR {result.Report.SqnrDb:F1} dB");
        return result.Report.Layers.All(layer => layer.Format != "float") && result.Report.SqnrDb > LowestDb;
    });

    private static int Run(int megabytes, bool oneTensor, string[] data, Func<string, IReadOnlyList<LargeModelFile.Weight>, CompressionResult, bool> isRight)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var original = Path.Combine(folder.FullName, "original.onnx");
            var start = Stopwatch.GetTimestamp();
            var weights = LargeModelFile.Write(original, megabytes, oneTensor);
            Print($"generated {new FileInfo(original + ".data").Length / 1e6:F0} MB in {weights.Count} weights, the largest {weights.Max(weight => weight.Elements) * sizeof(float) / 1e6:F0} MB, in {Lap(ref start):F1} s");
            foreach (var name in data)
            {
                WriteTokens(folder.CreateSubdirectory(name).FullName);
            }

            var request = new CompressionRequest
            {
                ModelPath = original,
                Name = "large",
                OutputFolder = Path.Combine(folder.FullName, "output"),
                CacheFolder = Path.Combine(folder.FullName, "cache"),
                Quantize = QuantizationMode.Int8,
                Calibration = [.. data.Select(name => Path.Combine(folder.FullName, name))],
            };
            var result = ModelCompressor.Compress(request, null, CancellationToken.None);
            Print($"compressed to {result.Report.CompressedBytes / 1e6:F0} MB ({result.Report.Ratio:F2}×) in {Lap(ref start):F1} s: {string.Join(", ", result.Report.Seconds.Select(phase => string.Create(CultureInfo.InvariantCulture, $"{phase.Key} {phase.Value:F1}")))}");
            Print($"VmHWM {PeakMemory.Megabytes:F0} MB");
            return isRight(original, weights, result) ? 0 : 1;
        }
        catch (CompressionException exception)
        {
            Print($"{exception.Code}: {exception.Message}");
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void WriteTokens(string folder)
    {
        for (var set = 0; set < 8; set++)
        {
            var tokens = TensorValues.Create("tokens", [.. Enumerable.Range(0, 4).Select(token => (long)((4 * set) + token))], 4);
            var file = Path.Combine(folder, $"test_data_set_{set}", "input_0.pb");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, tokens.ToByteArray());
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
