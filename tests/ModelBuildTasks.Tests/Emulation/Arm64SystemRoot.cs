namespace ModelBuildTasks.Tests.Emulation;

/// <summary>
/// A folder in which emulated programs find files before they find them in the root of this machine: the arm64 libraries, and the /proc/cpuinfo of an arm64 machine. Without the latter ONNX Runtime reads what
/// this machine's says, which is not what an arm64 program expects, and crashes when it is loaded.
/// </summary>
internal sealed class Arm64SystemRoot : IDisposable
{
    /// <summary>Where Debian's cross libraries lie.</summary>
    public const string Libraries = "/usr/aarch64-linux-gnu/lib";

    public const string Packages = "libc6-arm64-cross, libgcc-s1-arm64-cross and libstdc++6-arm64-cross";

    public Arm64SystemRoot(Arm64Description description)
    {
        Path = Directory.CreateTempSubdirectory("arm64-").FullName;
        Directory.CreateSymbolicLink(System.IO.Path.Combine(Path, "lib"), Libraries);
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "proc"));
        File.WriteAllText(System.IO.Path.Combine(Path, "proc", "cpuinfo"), description.ToText(Environment.ProcessorCount));
    }

    public static string[] MissingLibraries { get; } =
        [.. new[] { "libc.so.6", "libgcc_s.so.1", "libstdc++.so.6" }.Where(library => !File.Exists(System.IO.Path.Combine(Libraries, library)))];

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
