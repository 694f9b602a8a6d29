using System.Globalization;

namespace Benchmarks.Kernels;

/// <summary>
/// Kernels in memory passes: the time of each over that of reading the same values once. Both take turns and medians are compared. One thread, and processor time, which other load changes little.
/// </summary>
internal static class MemoryPasses
{
    private const int Turns = 21;

    /// <summary>Prints a table of kernels.</summary>
    /// <param name="values">What they read.</param>
    /// <param name="kernels">What is measured: a name, the most memory passes it may take (null where nothing is required), and a run of it.</param>
    /// <returns>0 when every kernel is within what is required of it.</returns>
    public static int Run(float[] values, params (string Name, double? Limit, Action Run)[] kernels)
    {
        Print($"| kernel | ms | memory pass ms | passes | at most |");
        Print($"|---|---|---|---|---|");
        var allReached = true;
        foreach (var (name, limit, run) in kernels)
        {
            var (seconds, passSeconds) = Measure(() => MemoryPass.Over(values), run);
            var reached = !(seconds / passSeconds > limit);
            allReached &= reached;
            Print($"| {name} | {1e3 * seconds:F1} | {1e3 * passSeconds:F1} | {seconds / passSeconds:F2} | {limit}{(reached ? "" : " missed")} |");
        }

        return allReached ? 0 : 1;
    }

    private static (double Seconds, double PassSeconds) Measure(Action pass, Action run)
    {
        var (seconds, passSeconds) = (new List<double>(), new List<double>());
        // The first turn compiles.
        for (var turn = -1; turn < Turns; turn++)
        {
            var (passed, ran) = (Time(pass), Time(run));
            if (turn >= 0)
            {
                passSeconds.Add(passed);
                seconds.Add(ran);
            }
        }

        return (Median(seconds), Median(passSeconds));
    }

    private static double Time(Action action)
    {
        var start = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
