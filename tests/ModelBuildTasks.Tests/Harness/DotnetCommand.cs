using System.Diagnostics;
using System.Text;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>A running `dotnet …`: its environment is free of what the test runner and an outer build left there, and every process it starts can be told by a mark.</summary>
internal sealed class DotnetCommand : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] ForeignVariables = ["MSBUILD", "DOTNET_CLI_", "DOTNET_HOST_", "TESTINGPLATFORM", "VSTEST", "CORECLR_", "COR_", "MicrosoftInstrumentationEngine", "AIMODEL"];

    private readonly Process process;
    private readonly string commandLine;
    private readonly StringBuilder output = new();
    private readonly Task reading;

    private DotnetCommand(Process process, string commandLine, string mark)
    {
        this.process = process;
        this.commandLine = commandLine;
        Mark = mark;
        process.StandardInput.Close();
        reading = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError));
    }

    /// <summary>The environment entry that this command and all its descendants carry, and no other process.</summary>
    public string Mark { get; }

    public int ProcessId => process.Id;

    /// <summary>Runs a command to its end.</summary>
    public static CommandResult Run(string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var command = Start(folder, arguments, environment);
        return command.WaitForExit();
    }

    /// <summary>Runs a program that was published, to its end.</summary>
    public static CommandResult RunPublished(string program, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var command = Start(program, Path.GetDirectoryName(program)!, [], environment);
        return command.WaitForExit();
    }

    /// <summary>Starts a command as the leader of its own process group, as a terminal would.</summary>
    public static DotnetCommand Start(string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) => Start(DotnetPath, folder, arguments, environment);

    private static DotnetCommand Start(string program, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var list = arguments.ToArray();
        var start = new ProcessStartInfo
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (OperatingSystem.IsLinux())
        {
            start.FileName = "setsid";
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }

        foreach (var argument in list)
        {
            start.ArgumentList.Add(argument);
        }

        var mark = Guid.NewGuid().ToString("N");
        SetEnvironment(start.Environment, mark);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new DotnetCommand(Process.Start(start)!, $"{Path.GetFileName(program)} {string.Join(' ', list)}", OwnProcesses.CommandMark(mark));
    }

    /// <summary>Waits for the end; a command that hangs is killed with all it started.</summary>
    public CommandResult WaitForExit()
    {
        if (!process.WaitForExit(Patience))
        {
            OwnProcesses.Kill(OwnProcesses.Marked(Mark));
            process.WaitForExit();
            throw new TimeoutException($"'{commandLine}' was killed after {Patience.TotalMinutes} minutes. It had said:\n{Output}");
        }

        // A process that outlives the command (the compiler server) may hold the pipes open.
        reading.Wait(TimeSpan.FromSeconds(2));
        return new CommandResult(commandLine, process.ExitCode, Output);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            OwnProcesses.Kill(OwnProcesses.Marked(Mark));
        }

        process.Dispose();
    }

    private string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    private static string DotnetPath { get; } = FindDotnet();

    private static string FindDotnet()
    {
        var own = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH");
        if (own is not null && File.Exists(own))
        {
            return own;
        }

        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        return root is not null && File.Exists(Path.Combine(root, "dotnet")) ? Path.Combine(root, "dotnet") : "dotnet";
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, string mark)
    {
        foreach (var name in environment.Keys.Where(name => ForeignVariables.Any(foreign => name.StartsWith(foreign, StringComparison.OrdinalIgnoreCase))).ToArray())
        {
            environment.Remove(name);
        }

        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE"] = "true";
        environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        environment["DOTNET_NOLOGO"] = "1";
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["NUGET_PACKAGES"] = Path.Combine(SuiteRun.Folder, "packages");

        // Gives the run a compiler server of its own, found through a socket in the temporary folder: builds stay fast, and ending it disturbs nobody.
        environment["TMPDIR"] = Path.Combine(SuiteRun.Folder, "tmp");
        OwnProcesses.SetMarks(environment, mark);
    }

    private Task Read(StreamReader reader) => Task.Run(() =>
    {
        while (reader.ReadLine() is { } line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    });
}
