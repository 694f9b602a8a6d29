using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>ONNX Runtime keeps a telemetry database under the user's cache and an identifier in the temporary folder; a build must not.</summary>
[TestClass]
public sealed class TelemetryTests
{
    /// <summary>An identifier of the machine, in the temporary folder.</summary>
    private const string SessionFile = ".ses";

    /// <summary>The database, and the folder it lies in.</summary>
    private static readonly string[] Traces = ["onnxruntime", "DeveloperTools"];

    /// <summary>Where one of these is set, the runtime keeps quiet by itself, and the test would prove nothing.</summary>
    private static readonly string[] VariablesOfContinuousIntegration =
        ["CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "TRAVIS", "JENKINS_URL", "CODEBUILD_BUILD_ID", "TEAMCITY_VERSION", "APPVEYOR"];

    [TestMethod]
    public void A_build_leaves_nothing_of_the_runtime_in_the_home_and_temporary_folders()
    {
        var home = SuiteRun.NewFolder();
        var project = TestProject.WithClassifier();
        project.Run(["restore"]).ShouldSucceed();
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = home,
            ["DOTNET_CLI_HOME"] = home,
            ["XDG_CACHE_HOME"] = Path.Combine(home, "cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(home, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(home, "data"),
            ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(home, "tmp")).FullName,
        };
        foreach (var name in VariablesOfContinuousIntegration)
        {
            environment[name] = null;
        }

        project.Run(["build", "--no-restore", "-p:UseSharedCompilation=false"], environment).ShouldSucceed().ShouldCompress();

        var found = Directory.EnumerateFileSystemEntries(home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(path => Path.GetFileName(path) == SessionFile || Traces.Any(trace => Path.GetRelativePath(home, path).Contains(trace, StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        Assert.IsEmpty(found, string.Join('\n', found));
    }
}
