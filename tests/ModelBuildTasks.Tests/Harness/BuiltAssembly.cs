using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Reads embedded resources of an assembly without loading it, whatever processor it is for.</summary>
internal static class BuiltAssembly
{
    public static string[] ResourceNames(string path)
    {
        using var assembly = new PEReader(File.OpenRead(path));
        var metadata = assembly.GetMetadataReader();
        return [.. metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name))];
    }

    public static byte[] Resource(string path, string name)
    {
        using var assembly = new PEReader(File.OpenRead(path));
        var metadata = assembly.GetMetadataReader();
        var resource = metadata.ManifestResources.Select(metadata.GetManifestResource).SingleOrDefault(resource => metadata.GetString(resource.Name) == name);
        Assert.IsFalse(resource.Name.IsNil, $"'{path}' has no resource '{name}' but {string.Join(", ", ResourceNames(path))}.");
        var resources = assembly.GetSectionData(assembly.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
        var content = resources.GetReader((int)resource.Offset, resources.Length - (int)resource.Offset);
        return content.ReadBytes(content.ReadInt32());
    }
}
