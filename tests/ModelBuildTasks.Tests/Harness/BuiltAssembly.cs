using System.Runtime.Loader;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Reads embedded resources of an assembly without keeping its file.</summary>
internal static class BuiltAssembly
{
    public static string[] ResourceNames(string path) => With(path, assembly => assembly.GetManifestResourceNames());

    public static byte[] Resource(string path, string name) => With(path, assembly =>
    {
        using var resource = assembly.GetManifestResourceStream(name);
        Assert.IsNotNull(resource, $"'{path}' has no resource '{name}' but {string.Join(", ", assembly.GetManifestResourceNames())}.");
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    });

    private static T With<T>(string path, Func<System.Reflection.Assembly, T> read)
    {
        var context = new AssemblyLoadContext(null, isCollectible: true);
        try
        {
            using var content = new MemoryStream(File.ReadAllBytes(path));
            return read(context.LoadFromStream(content));
        }
        finally
        {
            context.Unload();
        }
    }
}
