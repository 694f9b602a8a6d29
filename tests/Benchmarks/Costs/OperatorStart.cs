using System.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace Benchmarks.Costs;

/// <summary>What it takes to run an operator that has nothing to do.</summary>
internal static class OperatorStart
{
    private const int Rounds = 300;
    private const int Operators = 64;

    /// <summary>Nanoseconds as the profiler has them, its own time included: what to subtract from every kernel.</summary>
    public static double Profiled() => ProfiledPair.Run(Chain(Operators, out var output), output).Float.Select(time => time.Nanoseconds).Order().ElementAt(Operators / 2);

    /// <summary>Nanoseconds without a profiler: what a chain of operators takes longer than half of it.</summary>
    public static double Real()
    {
        var folder = Directory.CreateTempSubdirectory("costs-");
        try
        {
            using var whole = Open(Operators, Path.Combine(folder.FullName, "whole.onnx"));
            using var half = Open(Operators / 2, Path.Combine(folder.FullName, "half.onnx"));
            var (wholes, halves) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                wholes.Add(Nanoseconds(whole));
                halves.Add(Nanoseconds(half));
            }

            return Math.Max(0, (Median(wholes) - Median(halves)) / (Operators / 2));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static MeasuredModel Chain(int operators, out string output)
    {
        var model = new MeasuredModel(1);
        output = "x";
        for (var i = 0; i < operators; i++)
        {
            output = model.Operation(i % 2 == 0 ? "Abs" : "Neg", $"v{i}", output);
        }

        return model;
    }

    private static ModelSession Open(int operators, string path)
    {
        Chain(operators, out var output).SaveFloat(path, output);
        return ModelSession.Open(path, new SessionSettings());
    }

    private static double Nanoseconds(ModelSession session)
    {
        var input = new Dictionary<string, ModelValue> { ["x"] = new TensorValue(DataType.Float, [1], new byte[4]) };
        var start = Stopwatch.GetTimestamp();
        session.Run(input, (_, _, _, _) => { }, CancellationToken.None);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
