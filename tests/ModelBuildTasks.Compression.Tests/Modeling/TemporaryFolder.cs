namespace ModelBuildTasks.Compression.Tests.Modeling;

/// <summary>A folder of one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ModelBuildTasks-").FullName;

    /// <summary>The path of a file or folder in it, which need not exist.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);

        // Overwriting would make some file systems wait for the disk.
        System.IO.File.Delete(path);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
