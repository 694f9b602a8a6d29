using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Incremental;

/// <summary>What a file was when it was last looked at.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Length">Bytes.</param>
/// <param name="WrittenTicks">The last write in UTC.</param>
/// <param name="Hash">SHA-256 of its content.</param>
internal sealed record FileState(string Path, long Length, long WrittenTicks, string Hash)
{
    /// <summary>Looks at a file; time and size are taken before its content, so that a change in between shows the next time.</summary>
    /// <exception cref="Compression.Diagnostics.CompressionException">With <paramref name="codeWhenUnreadable"/>: the file cannot be read.</exception>
    public static FileState Of(string path, string codeWhenUnreadable)
    {
        var info = new FileInfo(path);
        var length = info.Exists ? info.Length : 0;
        return new FileState(path, length, info.LastWriteTimeUtc.Ticks, ContentHash.OfFile(path, codeWhenUnreadable));
    }

    /// <summary>Whether time and size are still the same.</summary>
    public bool LooksUnchanged()
    {
        var info = new FileInfo(Path);
        return info.Exists && info.Length == Length && info.LastWriteTimeUtc.Ticks == WrittenTicks;
    }
}
