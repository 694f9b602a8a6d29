using System.Diagnostics;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>On Linux the runtime keeps its telemetry in &lt;cache&gt;/Microsoft/DeveloperTools/.onnxruntime; a child process with a home of its own shows whether it appears.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class TelemetryTests
{
    [TestMethod]
    public async Task A_session_of_ours_leaves_no_telemetry_file_and_says_nothing()
    {
        using var home = new TemporaryFolder();

        var errors = await RunSessionInChild(home, runtimeCreatedFirst: false);

        Assert.IsEmpty(TelemetryFiles(home));
        Assert.AreEqual("", errors);
    }

    [TestMethod]
    public async Task The_runtime_by_itself_does_leave_one()
    {
        using var home = new TemporaryFolder();

        await RunSessionInChild(home, runtimeCreatedFirst: true);

        Assert.Contains("onnxruntime.db", TelemetryFiles(home).Select(Path.GetFileName));
    }

    private static string[] TelemetryFiles(TemporaryFolder home) =>
        [.. Directory.EnumerateFiles(home.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(file => file.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase))];

    private static async Task<string> RunSessionInChild(TemporaryFolder home, bool runtimeCreatedFirst)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(TelemetryTests).Assembly.Location, null))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["HOME"] = home.Path,
                ["XDG_CACHE_HOME"] = home.File("cache"),
                ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
                ["TESTINGPLATFORM_TELEMETRY_OPTOUT"] = "1",
                [RuntimeCreatedByOthers.Variable] = runtimeCreatedFirst ? "1" : "0",
            },
        };

        // Where one of these is set, the runtime keeps quiet by itself, and the test would prove nothing.
        foreach (var name in new[] { "ORT_DISABLE_TELEMETRY", "CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS", "JENKINS_URL", "CODEBUILD_BUILD_ID", "TEAMCITY_VERSION", "APPVEYOR" })
        {
            start.Environment.Remove(name);
        }

        foreach (var argument in new[] { "--results-directory", home.File("results"), "--filter", $"FullyQualifiedName~{nameof(ModelSessionTests)}.{nameof(ModelSessionTests.A_run_that_fails_says_why_and_the_session_stays_usable)}" })
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = await child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.AreEqual(0, child.ExitCode, await output);
        Assert.Contains("succeeded: 1", await output);
        return errors;
    }
}
