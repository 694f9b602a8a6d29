using System.Xml.Linq;
using ModelBuildTasks.Tests.Models;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>A project in a temporary folder that uses the packed product; what a test changes is written before the next command.</summary>
internal sealed class TestProject
{
    private readonly Dictionary<string, string> properties = new()
    {
        ["TargetFramework"] = "net10.0",
        ["NuGetAudit"] = "false",
        ["SatelliteResourceLanguages"] = "en",

        // A self-contained console program would otherwise restore the runtime of ASP.NET too, which it does not use.
        ["DisableTransitiveFrameworkReferenceDownloads"] = "true",
    };

    private readonly List<XElement> items = [];
    private int commands;

    public TestProject(string? folder = null, string name = "App")
    {
        Folder = folder ?? SuiteRun.NewFolder();
        Name = name;
    }

    public string Name { get; }

    public string Folder { get; }

    public string FilePath => InFolder(Name + ".csproj");

    /// <summary>The AiModel items.</summary>
    public List<AiModelItem> Models { get; } = [];

    /// <summary>The Device of models that name none: most tests are about one variant, and a library would embed several. Null leaves it to the product.</summary>
    public string? Device { get; set; } = "cpu";

    /// <summary>Whether cost tables decide what computes on bytes. The small models of most tests would gain nothing by it and stay float.</summary>
    public bool HasCosts { get; set; }

    /// <summary>The version of the package under test.</summary>
    public string PackageVersion { get; set; } = SuiteRun.PackageVersion;

    /// <summary>Where the results of a debug build for net10.0 go.</summary>
    public string OutputFolder => InFolder("obj/Debug/net10.0/aimodels");

    /// <summary>A class library with one item that quantizes <see cref="Classifier"/>.</summary>
    public static TestProject WithClassifier(params (string Name, string Value)[] metadata) => new TestProject()
        .WithFile("digits.onnx", Classifier.Bytes)
        .WithFile("digits.npz", Classifier.Samples)
        .WithModel("digits.onnx", [("Quantize", "int8"), ("Calibration", "digits.npz"), .. metadata]);

    public string InFolder(string path) => Path.Combine(Folder, path);

    public string Output(string name) => Path.Combine(OutputFolder, name);

    /// <summary>The assembly of a debug build for net10.0.</summary>
    public string AssemblyPath => InFolder($"bin/Debug/net10.0/{Name}.dll");

    public TestProject WithFile(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(InFolder(path))!);
        File.WriteAllBytes(InFolder(path), content);
        return this;
    }

    public TestProject WithFile(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(InFolder(path))!);
        File.WriteAllText(InFolder(path), content);
        return this;
    }

    public TestProject WithModel(string include, params (string Name, string Value)[] metadata)
    {
        var item = new AiModelItem(include);
        foreach (var (name, value) in metadata)
        {
            item[name] = value;
        }

        Models.Add(item);
        return this;
    }

    public TestProject WithProperty(string name, string value)
    {
        properties[name] = value;
        return this;
    }

    /// <summary>Adds an item, for example a PackageReference or a ProjectReference.</summary>
    public TestProject WithItem(string type, string include, params (string Name, string Value)[] metadata)
    {
        items.Add(new XElement(type, new XAttribute("Include", include), metadata.Select(entry => new XAttribute(entry.Name, entry.Value))));
        return this;
    }

    public BuildResult Build(params string[] arguments) => Run(["build", .. arguments]);

    /// <summary>Runs `dotnet &lt;verb&gt; project …` and records what it did.</summary>
    public BuildResult Run(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var command = Start(arguments, out var log, environment);
        return new BuildResult(command.WaitForExit(), log);
    }

    /// <summary>Starts `dotnet &lt;verb&gt; project …` and does not wait for it.</summary>
    public DotnetCommand Start(IReadOnlyList<string> arguments, out string log, IReadOnlyDictionary<string, string?>? environment = null)
    {
        Write();
        log = InFolder($"{++commands}.binlog");
        return DotnetCommand.Start(Folder, [arguments[0], FilePath, "-tl:off", "-v:m", "--nologo", $"-bl:{log}", "-p:UseSharedCompilation=true", .. arguments.Skip(1)], environment);
    }

    /// <summary>Runs the built program.</summary>
    public CommandResult RunProgram(params string[] arguments) => DotnetCommand.Run(Folder, ["exec", AssemblyPath, .. arguments]);

    /// <summary>Writes the project file without running anything.</summary>
    public TestProject Write()
    {
        var content = new XElement(
            "Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup", properties.Select(property => new XElement(property.Key, property.Value))),
            new XElement("ItemGroup", new XElement("PackageReference", new XAttribute("Include", "ModelBuildTasks"), new XAttribute("Version", PackageVersion), new XAttribute("PrivateAssets", "all")), items),
            HasCosts ? null : new XElement("ItemGroup", new XElement("AiDeviceProfile", new XAttribute("Update", "@(AiDeviceProfile)"), new XAttribute("Costs", ""))),
            new XElement("ItemGroup", Models.Select(model => model.ToXml(Device)))).ToString();
        if (!File.Exists(FilePath) || File.ReadAllText(FilePath) != content)
        {
            WithFile(FilePath, content);
        }

        return this;
    }
}
