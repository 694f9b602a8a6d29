using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Times an original and its compressed model side by side, so that whatever slows the machine slows both.</summary>
internal static class LatencyComparison
{
    /// <summary>Pairs of runs at least, however slow the models are: a median of fewer tells little.</summary>
    public const int LeastPairs = 5;

    /// <summary>Pairs of runs at most, however fast the models are.</summary>
    public const int MostPairs = 10_000;

    /// <summary>Measuring ends after this long, once there are <see cref="LeastPairs"/>.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    /// <summary>Runs before measuring, so that the runtime has planned its memory and the processor has its clock.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(100);

    /// <summary>Medians of interleaved runs of both models on one sample.</summary>
    /// <param name="original">Opened with one thread and all optimizations, as <see cref="SessionSettings"/> are by default.</param>
    /// <param name="compressed">Opened likewise.</param>
    /// <param name="sample">The input of every run.</param>
    /// <param name="states">What the sample does not give: every run starts anew, so that all do the same work.</param>
    /// <param name="cancellationToken">Ends the measurement early.</param>
    public static LatencyReport Measure(ModelSession original, ModelSession compressed, Sample sample, IReadOnlyList<StatePair> states, CancellationToken cancellationToken)
    {
        var inputs = new StatefulRun(original, states).Inputs(sample.Series, sample.Inputs);
        return Measure(
            () => original.Run(inputs, Ignore, cancellationToken),
            () => compressed.Run(inputs, Ignore, cancellationToken),
            TimeProvider.System,
            cancellationToken);
    }

    /// <summary>Medians of interleaved runs; each goes first in every other pair.</summary>
    public static LatencyReport Measure(Action original, Action compressed, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            original();
            compressed();
        }
        while (clock.GetElapsedTime(start) < WarmUp);

        var originalMs = new List<double>();
        var compressedMs = new List<double>();
        start = clock.GetTimestamp();
        while (originalMs.Count < LeastPairs || (originalMs.Count < MostPairs && clock.GetElapsedTime(start) < Budget))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (originalMs.Count % 2 == 0)
            {
                originalMs.Add(Time(original, clock));
                compressedMs.Add(Time(compressed, clock));
            }
            else
            {
                compressedMs.Add(Time(compressed, clock));
                originalMs.Add(Time(original, clock));
            }
        }

        var (before, after) = (Median(originalMs), Median(compressedMs));
        return new LatencyReport(before, after, after / before);
    }

    private static double Time(Action run, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        run();
        // At least one tick of the clock: a ratio needs a number to divide by.
        return 1000.0 * Math.Max(1, clock.GetTimestamp() - start) / clock.TimestampFrequency;
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        var middle = times.Count / 2;
        return times.Count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
    }

    private static void Ignore(int index, Onnx.TensorProto.Types.DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
    }
}
