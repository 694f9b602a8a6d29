using System.Globalization;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>The resident memory of this process on Linux, in bytes.</summary>
internal static class ResidentMemory
{
    /// <summary>Lets the peak begin anew and returns what is resident now.</summary>
    public static long RestartPeak()
    {
        GC.Collect();
        // proc(5): 5 resets the peak to what is resident.
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    public static long Peak() => Read("VmHWM:");

    private static long Read(string key)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return 1024 * long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
