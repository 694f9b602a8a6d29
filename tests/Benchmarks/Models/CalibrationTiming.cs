using System.Diagnostics;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Simplification;

namespace Benchmarks.Models;

/// <summary>Calibration beside the float model over the same samples, in turns, so that whatever slows the machine slows both.</summary>
internal static class CalibrationTiming
{
    private const int Rounds = 5;

    /// <summary>Median seconds of running the float model as an application does (one thread, all optimizations, opened before) and of each method's calibration (opening and all). Both read the samples.</summary>
    public static (double Float, IReadOnlyDictionary<CalibrationMethod, double> Calibration) Measure(string modelPath, string calibration)
    {
        var work = Directory.CreateTempSubdirectory("benchmark-");
        try
        {
            using var model = RuntimeSimplification.Load(modelPath, work.FullName);
            using var session = ModelSession.Open(modelPath, new SessionSettings());
            var samples = SampleSet.Open([calibration], session.Ports, new ImageOptions());
            int[] indices = [.. Enumerable.Range(0, samples.Count)];
            var floats = new List<double>();
            var methods = Enum.GetValues<CalibrationMethod>().ToDictionary(method => method, _ => new List<double>());
            // The first round compiles our code and does not count.
            for (var round = -1; round < Rounds; round++)
            {
                foreach (var (method, seconds) in methods)
                {
                    var floatSeconds = Seconds(() => Run(session, samples, indices));
                    var calibrationSeconds = Seconds(() => RangeCollector.Collect(model, samples, indices, method, ObservedActivations.Of(model.EditGraph()), MeanAxes.Of(model.EditGraph()), null, CancellationToken.None));
                    if (round >= 0)
                    {
                        floats.Add(floatSeconds);
                        seconds.Add(calibrationSeconds);
                    }
                }
            }

            return (Median(floats), methods.ToDictionary(each => each.Key, each => Median(each.Value)));
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void Run(ModelSession session, SampleSet samples, int[] indices)
    {
        foreach (var sample in samples.Read(indices))
        {
            session.Run(sample.Inputs, (_, _, _, _) => { }, CancellationToken.None);
        }
    }

    private static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(IEnumerable<double> seconds) => seconds.Order().ElementAt(seconds.Count() / 2);
}
