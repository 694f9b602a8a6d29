using System.Diagnostics;

namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>Tests of this assembly in a process of its own, with other environment variables.</summary>
internal static class TestProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="filter">Which tests.</param>
    /// <param name="resultsFolder">Where the test platform writes.</param>
    /// <param name="variables">The variables that differ from this process'.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(string filter, string resultsFolder, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(TestProcess).Assembly.Location);
        }

        foreach (var argument in new[] { "--filter", filter, "--results-directory", resultsFolder, "--no-ansi" })
        {
            start.ArgumentList.Add(argument);
        }

        // What the platform told this process about its own run is not for the child.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output + await error);
    }
}
