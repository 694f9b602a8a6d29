using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Reads embedded resources of an assembly as a file: it may be for another processor than this one.</summary>
internal static class BuiltAssembly
{
    public static string[] ResourceNames(string path)
    {
        using var assembly = Open(path);
        return Names(assembly.GetMetadataReader());
    }

    public static byte[] Resource(string path, string name)
    {
        using var assembly = Open(path);
        var metadata = assembly.GetMetadataReader();
        Assert.Contains(name, Names(metadata), $"'{path}' has other resources.");
        var resource = metadata.ManifestResources.Select(metadata.GetManifestResource).Single(resource => metadata.GetString(resource.Name) == name);

        // Each resource in this section is its length and then its bytes (ECMA-335, II.24.2.2 and II.22.24).
        var section = assembly.PEHeaders.CorHeader!.ResourcesDirectory;
        var reader = assembly.GetSectionData(section.RelativeVirtualAddress).GetReader();
        reader.Offset = (int)resource.Offset;
        return reader.ReadBytes(reader.ReadInt32());
    }

    private static PEReader Open(string path) => new([.. File.ReadAllBytes(path)]);

    private static string[] Names(MetadataReader metadata) => [.. metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name))];
}
