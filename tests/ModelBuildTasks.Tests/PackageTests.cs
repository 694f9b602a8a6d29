using System.IO.Compression;
using System.Xml.Linq;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests;

/// <summary>What is in the package, and what is not.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly string[] Hosts = ["linux-arm64", "linux-x64", "osx-arm64", "win-arm64", "win-x64"];

    [TestMethod]
    public void It_has_the_files_that_NuGet_imports()
    {
        CollectionAssert.IsSubsetOf(
            new[]
            {
                "build/ModelBuildTasks.props",
                "build/ModelBuildTasks.targets",
                "build/costs/x64.json",
                "buildMultiTargeting/ModelBuildTasks.targets",
                "tasks/net10.0/ModelBuildTasks.dll",
                "tasks/net10.0/ModelBuildTasks.deps.json",
                "tasks/net10.0/ModelBuildTasks.Compression.dll",
            },
            Entries());
    }

    [TestMethod]
    public void It_has_the_native_runtime_of_the_five_desktop_hosts_and_no_other()
    {
        var hosts = Entries().Where(entry => entry.StartsWith("tasks/net10.0/runtimes/", StringComparison.Ordinal)).Select(entry => entry.Split('/')[3]).Distinct().Order(StringComparer.Ordinal);

        CollectionAssert.AreEqual(Hosts, hosts.ToArray());
        foreach (var host in Hosts)
        {
            Assert.IsTrue(Entries().Any(entry => entry.StartsWith($"tasks/net10.0/runtimes/{host}/native/", StringComparison.Ordinal) && entry.Contains("onnxruntime", StringComparison.Ordinal)), host);
        }
    }

    [TestMethod]
    public void It_has_no_assembly_of_MSBuild_and_nothing_to_link_or_debug()
    {
        string[] unwanted = ["Microsoft.Build.Framework", "Microsoft.Build.Utilities", "Microsoft.NET.StringTools", "System.Configuration", ".lib", ".pdb", ".aar", ".dSYM", ".xcframework", "/android", "/ios"];

        var found = Entries().Where(entry => unwanted.Any(part => entry.Contains(part, StringComparison.OrdinalIgnoreCase)));

        Assert.IsEmpty(found, string.Join('\n', found));
    }

    [TestMethod]
    public void It_adds_nothing_to_the_users_output()
    {
        Assert.IsFalse(Entries().Any(entry => entry.StartsWith("lib/", StringComparison.Ordinal) || entry.StartsWith("ref/", StringComparison.Ordinal)));
        Assert.AreEqual("true", Metadata("developmentDependency"));
        Assert.IsEmpty(Nuspec().Descendants().Where(element => element.Name.LocalName == "dependency"));
    }

    [TestMethod]
    public void It_says_what_it_is()
    {
        Assert.AreEqual("MIT", Metadata("license"));
        Assert.IsFalse(string.IsNullOrWhiteSpace(Metadata("description")));
        Assert.AreEqual("README.md", Metadata("readme"));
        CollectionAssert.Contains(Entries(), "README.md");
    }

    private static string[] Entries()
    {
        using var package = Open();
        return [.. package.Entries.Select(entry => entry.FullName)];
    }

    private static string? Metadata(string name) => Nuspec().Descendants().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

    private static XDocument Nuspec()
    {
        using var package = Open();
        using var content = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(content);
    }

    private static ZipArchive Open() => ZipFile.OpenRead(PackageFeed.PackagePath(SuiteRun.Feed, SuiteRun.PackageVersion));
}
