namespace ModelBuildTasks.Tests.Harness;

/// <summary>What all tests of a run share: one temporary folder, one packed feed, one package folder.</summary>
[TestClass]
public static class SuiteRun
{
    /// <summary>The version of the package under test: no released version, so no cache can answer for it.</summary>
    internal const string PackageVersion = "0.1.0-test";

    private static string? folder;
    private static int projects;

    /// <summary>The run's temporary folder; short, since the compiler server's socket lies below it.</summary>
    internal static string Folder => folder ?? throw new InvalidOperationException("The run has not begun.");

    /// <summary>The feed with the package under test.</summary>
    internal static string Feed => Path.Combine(Folder, "feed");

    /// <summary>The sources this suite was built from.</summary>
    internal static string Repository { get; } = FindRepository();

    [AssemblyInitialize]
    public static void Begin(TestContext context)
    {
        folder = Directory.CreateTempSubdirectory("aim-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "tmp"));
        IsolateFromTheFoldersAbove();
        PackageFeed.Pack(Feed);
        PackageFeed.WriteConfiguration(folder, Feed);
    }

    [AssemblyCleanup]
    public static void End()
    {
        // The compiler server that our builds share outlives them by design.
        OwnProcesses.Kill(OwnProcesses.OfRun());
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A new folder for one project or solution.</summary>
    internal static string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(Folder, $"p{Interlocked.Increment(ref projects)}")).FullName;

    /// <summary>MSBuild and NuGet look for these files in every folder above a project.</summary>
    private static void IsolateFromTheFoldersAbove()
    {
        foreach (var name in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Solution.props", "Directory.Solution.targets" })
        {
            File.WriteAllText(Path.Combine(Folder, name), "<Project />");
        }

        File.WriteAllText(Path.Combine(Folder, ".editorconfig"), "root = true\n");
        File.Copy(Path.Combine(Repository, "global.json"), Path.Combine(Folder, "global.json"));
    }

    private static string FindRepository()
    {
        for (var candidate = AppContext.BaseDirectory; candidate is not null; candidate = Path.GetDirectoryName(candidate))
        {
            if (File.Exists(Path.Combine(candidate, "global.json")))
            {
                return candidate;
            }
        }

        throw new InvalidOperationException($"'{AppContext.BaseDirectory}' does not lie in the repository.");
    }
}
