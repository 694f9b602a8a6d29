using System.Diagnostics;
using System.Globalization;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace Benchmarks.Models;

/// <summary>Loads a large model, replaces one tensor, saves it: the memory that takes.</summary>
internal static class LargeModel
{
    /// <returns>0 when the saved model has the new tensor and as many others as before.</returns>
    public static int Run(int megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            var original = Path.Combine(folder.FullName, "original.onnx");
            var edited = Path.Combine(folder.FullName, "edited.onnx");
            var start = Stopwatch.GetTimestamp();
            SyntheticModel.Write(original, megabytes);
            Print($"generated {new FileInfo(original).Length / 1e6:F0} MB in {Lap(ref start):F2} s, peak resident memory {PeakMemory.Megabytes:F0} MB");

            using (var model = OnnxModel.Load(original))
            {
                Print($"loaded in {Lap(ref start):F2} s, peak resident memory {PeakMemory.Megabytes:F0} MB");
                var tensors = model.Proto.Graph.Initializer;
                var zeros = new float[tensors[0].ElementCount()];
                tensors[0] = TensorValues.Create(tensors[0].Name, zeros, [.. tensors[0].Dims]);
                model.Save(edited);
                Print($"edited and saved in {Lap(ref start):F2} s");
                Print($"VmHWM {PeakMemory.Megabytes:F0} MB");
            }

            using var result = OnnxModel.Load(edited);
            using var source = OnnxModel.Load(original);
            var replaced = result.Proto.Graph.Initializer[0];
            var right = ZeroCount.Of(replaced.Singles()) == replaced.ElementCount()
                && result.Proto.Graph.Initializer.Skip(1).Zip(source.Proto.Graph.Initializer.Skip(1)).All(pair => pair.First.Singles().SequenceEqual(pair.Second.Singles()));
            Print($"{(right ? "the saved model is right" : "the saved model is WRONG")}");
            return right ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Lap(ref long start)
    {
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        return seconds;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
