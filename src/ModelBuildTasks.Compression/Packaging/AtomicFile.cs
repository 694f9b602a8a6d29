using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Files that appear whole or not at all: written beside their place, flushed to the disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> whole or not at all.</summary>
    /// <exception cref="CompressionException">AIM1303: the folder cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompressionException(
                DiagnosticCodes.OutputNotWritable,
                path,
                $"'{path}' cannot be written ({exception.Message.TrimEnd('.')}). Free space or grant access, then build again.",
                exception);
        }
        finally
        {
            // Deleting in a folder that does not exist would hide the error that says so.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Writes <paramref name="content"/> unless the file holds it already, so that its time stamp tells of a real change.</summary>
    /// <returns>True when the file was written.</returns>
    public static bool WriteWhenDifferent(string path, ReadOnlyMemory<byte> content)
    {
        if (File.Exists(path) && new FileInfo(path).Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content.Span))
        {
            return false;
        }

        Write(path, stream => stream.Write(content.Span));
        return true;
    }
}
