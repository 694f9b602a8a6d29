using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Models;

/// <summary>The largest resident set of this process: VmHWM on Linux.</summary>
internal static class PeakMemory
{
    public static double Megabytes => Bytes() / 1e6;

    private static long Bytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }

        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Replace("VmHWM:", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
