using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Kernels;

/// <summary>
/// Input bytes per second of every kernel beside those of a memory copy of the same size. Machines have other load, so the two only compare when they take turns: each run has a copy right
/// before it, and medians are compared.
/// </summary>
internal static class Throughput
{
    private const int MinimumRuns = 41;

    /// <param name="step">
    /// Values of one run. The whole of the arrays by default; less where other load would interrupt every run. Runs are spread over the arrays: what they read was used last before half of
    /// the 256 MiB, and is in no cache. Small copies leave out the non-temporal stores of large ones, which makes them slower.
    /// </param>
    /// <returns>0 when every kernel reaches what is required of it.</returns>
    public static int Run(int step = BenchmarkData.Length)
    {
        Print($"| kernel | GB/s | copy GB/s | of the copy | required |");
        Print($"|---|---|---|---|---|");
        var allReached = true;
        foreach (var kernel in KernelRuns.All)
        {
            var (speed, copySpeed) = Measure(kernel, step);
            var reached = !(speed / copySpeed < kernel.RequiredShare);
            allReached &= reached;
            Print($"| {kernel.Name} | {speed:F1} | {copySpeed:F1} | {100 * speed / copySpeed:F0} % | {(kernel.RequiredShare is { } share ? $"{100 * share:F0} %" : "")}{(reached ? "" : " missed")} |");
        }

        return allReached ? 0 : 1;
    }

    private static (double Speed, double CopySpeed) Measure(KernelRun kernel, int step)
    {
        var kernelSeconds = new List<double>();
        var copySeconds = new List<double>();
        // The first runs compile.
        Time(KernelRuns.Copy, 0, step);
        Time(kernel, 0, step);
        while (kernelSeconds.Count < MinimumRuns)
        {
            for (var start = 0; start < BenchmarkData.Length; start += step)
            {
                copySeconds.Add(Time(KernelRuns.Copy, start, step));
                var distant = step < BenchmarkData.Length ? (start + (BenchmarkData.Length / 2)) % BenchmarkData.Length : 0;
                kernelSeconds.Add(Time(kernel, distant, step));
            }
        }

        return (GigabytesPerSecond(kernel, step, kernelSeconds), GigabytesPerSecond(KernelRuns.Copy, step, copySeconds));
    }

    private static double Time(KernelRun run, int start, int step)
    {
        var begin = Stopwatch.GetTimestamp();
        run.Run(start, step);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double GigabytesPerSecond(KernelRun run, int step, List<double> seconds) =>
        (double)run.InputBytesPerValue * step / seconds.Order().ElementAt(seconds.Count / 2) / 1e9;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
