using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Finds the processes this run started, however they were re-parented, by an environment entry that only they inherit; signals no others.</summary>
internal static partial class OwnProcesses
{
    private const string RunVariable = "MODELBUILDTASKS_TEST_RUN";
    private const string CommandVariable = "MODELBUILDTASKS_TEST_COMMAND";
    private static readonly string RunMark = Guid.NewGuid().ToString("N");

    public static void SetMarks(IDictionary<string, string?> environment, string commandMark)
    {
        environment[RunVariable] = RunMark;
        environment[CommandVariable] = commandMark;
    }

    public static string CommandMark(string mark) => $"{CommandVariable}={mark}";

    /// <summary>The living processes of this run.</summary>
    public static int[] OfRun() => Marked($"{RunVariable}={RunMark}");

    /// <summary>The living processes whose environment has the entry <paramref name="mark"/>.</summary>
    public static int[] Marked(string mark)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var entry = Encoding.UTF8.GetBytes(mark);
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0 && ReadProcessFile(id, "environ").AsSpan().IndexOf(entry) >= 0)];
    }

    /// <summary>The arguments of a process, for a message.</summary>
    public static string Describe(int id) => $"{id}: {Encoding.UTF8.GetString(ReadProcessFile(id, "cmdline")).Replace('\0', ' ')}";

    /// <summary>Whether a process has mapped a file whose name contains <paramref name="name"/>.</summary>
    public static bool HasMapped(int id, string name) => Encoding.UTF8.GetString(ReadProcessFile(id, "maps")).Contains(name, StringComparison.Ordinal);

    public static void Kill(IEnumerable<int> ids)
    {
        foreach (var id in ids)
        {
            Signal(id, PosixSignalNumber.Kill);
        }
    }

    /// <summary>Sends a signal to a process, or to a process group where <paramref name="id"/> is negative.</summary>
    public static void Signal(int id, PosixSignalNumber signal) => _ = kill(id, (int)signal);

    /// <returns>Nothing where the process has ended or is a zombie.</returns>
    private static byte[] ReadProcessFile(int id, string name)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id}/{name}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int id, int signal);
}
