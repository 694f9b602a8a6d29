using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Execution;

namespace Benchmarks.Costs;

/// <summary>A float model and its int8 form, run in turns on one thread with ONNX Runtime's profiler, so that whatever slows the machine slows both.</summary>
internal static class ProfiledPair
{
    private const int Rounds = 40;
    private const int RunsInTurn = 3;

    /// <summary>The nodes of both models in the order in which they run.</summary>
    public static (IReadOnlyList<KernelTime> Float, IReadOnlyList<KernelTime> Int8) Run(MeasuredModel model, string output)
    {
        RuntimeEnvironment.Prepare();
        var folder = Directory.CreateTempSubdirectory("costs-");
        try
        {
            var floatPath = Path.Combine(folder.FullName, "float.onnx");
            var int8Path = Path.Combine(folder.FullName, "int8.onnx");
            model.SaveFloat(floatPath, output);
            model.SaveInt8(floatPath, int8Path);
            using var floatSession = Open(floatPath);
            using var int8Session = Open(int8Path);
            using var input = Input(model.Shape);
            for (var round = 0; round < Rounds; round++)
            {
                Run(floatSession, input);
                Run(int8Session, input);
            }

            return (Times(floatSession.EndProfiling()), Times(int8Session.EndProfiling()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Run(InferenceSession session, OrtValue input)
    {
        using var options = new RunOptions();
        for (var run = 0; run < RunsInTurn; run++)
        {
            using var outputs = session.Run(options, ["x"], [input], session.OutputNames);
        }
    }

    private static InferenceSession Open(string path)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            // In this order: profiling begins in the file that is named at the time.
            ProfileOutputPathPrefix = Path.ChangeExtension(path, null),
            EnableProfiling = true,
        };
        return new InferenceSession(path, options);
    }

    private static OrtValue Input(IReadOnlyList<long> shape)
    {
        var random = new Random(2);
        var values = new float[shape.Aggregate(1L, (product, dimension) => product * dimension)];
        foreach (ref var value in values.AsSpan())
        {
            value = (random.NextSingle() - 0.5f) * 6;
        }

        return OrtValue.CreateTensorValueFromMemory(values, [.. shape]);
    }

    private static IReadOnlyList<KernelTime> Times(string profile)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(profile));
        var times = new OrderedDictionary<string, (string Operation, List<double> Microseconds)>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (entry.GetProperty("cat").GetString() != "Node" || entry.GetProperty("name").GetString() is not { } name || !name.EndsWith("_kernel_time", StringComparison.Ordinal))
            {
                continue;
            }

            var arguments = entry.GetProperty("args");
            var key = arguments.GetProperty("node_index").GetString()!;
            if (!times.TryGetValue(key, out var known))
            {
                times.Add(key, known = (arguments.GetProperty("op_name").GetString()!, []));
            }

            known.Microseconds.Add(entry.GetProperty("dur").GetDouble());
        }

        return [.. times.Values.Select(each => new KernelTime(each.Operation, 1000 * each.Microseconds.Order().ElementAt(each.Microseconds.Count / 2)))];
    }
}
