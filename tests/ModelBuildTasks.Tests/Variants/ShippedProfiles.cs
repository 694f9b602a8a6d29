using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Devices;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;
using ModelBuildTasks.Tests.Harness;

namespace ModelBuildTasks.Tests.Variants;

/// <summary>The AiDeviceProfile items of the package, read from its props file, and the SDK's graph of runtime identifiers.</summary>
internal static class ShippedProfiles
{
    public static string GraphPath { get; } = FindGraph();

    public static IReadOnlyList<BuildProfile> Read(params ITaskItem[] added)
    {
        var props = XDocument.Load(Path.Combine(SuiteRun.Repository, "build", "ModelBuildTasks.props"));
        var defaults = props.Descendants("ItemDefinitionGroup").Elements("AiDeviceProfile").Elements();
        var items = props.Descendants("ItemGroup").Elements("AiDeviceProfile").Select(element => Item(
            element.Attribute("Include")!.Value,
            [.. defaults.Select(value => (value.Name.LocalName, value.Value)), .. element.Attributes().Where(attribute => attribute.Name.LocalName != "Include").Select(attribute => (attribute.Name.LocalName, attribute.Value.Replace("$(MSBuildThisFileDirectory)", "build/", StringComparison.Ordinal)))]));
        var problems = new List<ItemProblem>();
        var profiles = ProfileParser.Parse([.. items, .. added], ModelFolders.Of(SuiteRun.Repository, "obj", "obj"), problems);
        Assert.IsEmpty(problems, string.Join('\n', problems));
        return profiles;
    }

    public static TaskItem Item(string include, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(include);
        foreach (var (name, value) in metadata)
        {
            item.SetMetadata(name, value);
        }

        return item;
    }

    // <root>/shared/Microsoft.NETCore.App/<version>/System.Private.CoreLib.dll
    private static string FindGraph()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        return Directory.GetFiles(Path.Combine(root, "sdk"), "PortableRuntimeIdentifierGraph.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
    }
}
