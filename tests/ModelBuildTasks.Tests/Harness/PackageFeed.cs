using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Packs the product into a folder feed, as a user without the repository would get it.</summary>
internal static class PackageFeed
{
    public static string PackagePath(string feed, string version) => Path.Combine(feed, $"ModelBuildTasks.{version}.nupkg");

    /// <summary>Runs `dotnet pack` with the configuration this suite was built with, so that nothing compiles twice.</summary>
    public static void Pack(string feed)
    {
        var project = Path.Combine(SuiteRun.Repository, "src", "ModelBuildTasks", "ModelBuildTasks.csproj");
        DotnetCommand.Run(
            SuiteRun.Repository,
            ["pack", project, "-c", Configuration, "-o", feed, "-v", "q", "--nologo", "-tl:off", $"-p:PackageVersion={SuiteRun.PackageVersion}"],
            environment: new Dictionary<string, string?> { ["NUGET_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES") })
            .ShouldSucceed();
    }

    /// <summary>Adds the package under another version and as another build: its assemblies do the same but have another identity, as after any compilation of changed sources.</summary>
    public static void PublishAnotherBuild(string version)
    {
        var path = PackagePath(SuiteRun.Feed, version);
        File.Copy(PackagePath(SuiteRun.Feed, SuiteRun.PackageVersion), path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        foreach (var entry in archive.Entries.ToArray())
        {
            if (entry.Name.EndsWith(".nuspec", StringComparison.Ordinal))
            {
                Replace(entry, content => SetVersion(content, version));
            }
            else if (entry.FullName.StartsWith("tasks/", StringComparison.Ordinal) && entry.Name.StartsWith("ModelBuildTasks", StringComparison.Ordinal) && entry.Name.EndsWith(".dll", StringComparison.Ordinal))
            {
                Replace(entry, ChangeModuleVersionId);
            }
        }
    }

    /// <summary>
    /// Our package comes from the feed only. Everything else comes from the machine's package folder where it lies there already, else from the machine's own sources.
    /// </summary>
    public static void WriteConfiguration(string folder, string feed)
    {
        var machineFolder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var fallback = Directory.Exists(machineFolder)
            ? new XElement("fallbackPackageFolders", new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", machineFolder)))
            : null;
        var configuration = new XElement(
            "configuration",
            new XElement("packageSources", new XElement("add", new XAttribute("key", "under-test"), new XAttribute("value", feed))),
            fallback);
        File.WriteAllText(Path.Combine(folder, "nuget.config"), configuration.ToString());
    }

    private static string Configuration =>
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private static void SetVersion(MemoryStream content, string version)
    {
        var document = XDocument.Load(content);
        document.Descendants().Single(element => element.Name.LocalName == "version").Value = version;
        content.SetLength(0);
        document.Save(content);
    }

    private static void ChangeModuleVersionId(MemoryStream assembly)
    {
        var bytes = assembly.ToArray();
        using var reader = new PEReader(new MemoryStream(bytes));
        var metadata = reader.GetMetadataReader();
        var identity = metadata.GetGuid(metadata.GetModuleDefinition().Mvid).ToByteArray();
        assembly.Position = bytes.AsSpan().IndexOf(identity);
        assembly.Write(Guid.NewGuid().ToByteArray());
    }

    private static void Replace(ZipArchiveEntry entry, Action<MemoryStream> edit)
    {
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        content.Position = 0;
        edit(content);
        stream.SetLength(0);
        content.Position = 0;
        content.CopyTo(stream);
    }
}
