using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Kernels;

/// <summary>
/// Input bytes per second of every kernel beside those of a memory copy. On a machine with other load the two compare only when they take turns, in steps shorter than a time slice of the
/// scheduler, and when medians are compared. A step's values were used last before half of the 256 MiB: they are in no cache.
/// </summary>
internal static class Throughput
{
    private const int Rounds = 10;
    private const int Step = 2 << 20;

    /// <returns>0 when every kernel reaches what is required of it.</returns>
    public static int Run()
    {
        Print($"| kernel | GB/s | copy GB/s | of the copy | required |");
        Print($"|---|---|---|---|---|");
        var allReached = true;
        foreach (var kernel in KernelRuns.All)
        {
            var (speed, copySpeed) = Measure(kernel);
            var reached = !(speed / copySpeed < kernel.RequiredShare);
            allReached &= reached;
            Print($"| {kernel.Name} | {speed:F1} | {copySpeed:F1} | {100 * speed / copySpeed:F0} % | {(kernel.RequiredShare is { } share ? $"{100 * share:F0} %" : "")}{(reached ? "" : " missed")} |");
        }

        return allReached ? 0 : 1;
    }

    private static (double Speed, double CopySpeed) Measure(KernelRun kernel)
    {
        var kernelSeconds = new List<double>();
        var copySeconds = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            for (var start = 0; start < BenchmarkData.Length; start += Step)
            {
                var copy = Time(KernelRuns.Copy, start);
                var run = Time(kernel, (start + (BenchmarkData.Length / 2)) % BenchmarkData.Length);
                // The first round compiles.
                if (round > 0)
                {
                    copySeconds.Add(copy);
                    kernelSeconds.Add(run);
                }
            }
        }

        return (GigabytesPerSecond(kernel, kernelSeconds), GigabytesPerSecond(KernelRuns.Copy, copySeconds));
    }

    private static double Time(KernelRun run, int start)
    {
        var begin = Stopwatch.GetTimestamp();
        run.Run(start, Step);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double GigabytesPerSecond(KernelRun run, List<double> seconds) => (double)run.InputBytesPerValue * Step / seconds.Order().ElementAt(seconds.Count / 2) / 1e9;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
