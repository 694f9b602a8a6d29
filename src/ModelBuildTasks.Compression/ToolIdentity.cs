using System.Reflection;

namespace ModelBuildTasks.Compression;

/// <summary>What the tool is: part of every cache key, so that another version never reuses results of this one.</summary>
internal static class ToolIdentity
{
    private static readonly Assembly Library = typeof(ToolIdentity).Assembly;

    /// <summary>The version, for people.</summary>
    public static string Version { get; } = Library.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Changes exactly when the compiled code or the version of ONNX Runtime does: the build is deterministic and the runtime's version is compiled in.</summary>
    public static string Hash { get; } = Library.ManifestModule.ModuleVersionId.ToString("N");
}
