using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A file to read from: through a map, whose pages become resident when touched, or by reads, which leave nothing behind. A scratch file is one to write to as well.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly Stack<(MemoryMappedFile File, MemoryMappedViewAccessor View)> maps = [];
    private byte* start;
    private long mapped;

    private MappedFile(string path, SafeFileHandle handle)
    {
        Path = path;
        Handle = handle;
        try
        {
            Length = RandomAccess.GetLength(Handle);
            Map();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public long Length { get; private set; }

    public SafeFileHandle Handle { get; }

    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is a folder, or there is no right to read it.</exception>
    public static MappedFile Open(string path) =>
        new(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));

    /// <summary>A new empty file, which goes when it is disposed.</summary>
    /// <exception cref="CompressionException">AIM1303: the folder cannot be written.</exception>
    public static MappedFile CreateScratch(string folder)
    {
        var path = System.IO.Path.Combine(folder, $"{Guid.NewGuid():N}.scratch");
        try
        {
            return new(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw ModelErrors.ScratchNotWritable(path, exception);
        }
    }

    /// <summary>The mapped bytes of a range.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        if (offset + length > mapped)
        {
            Map();
        }

        return length == 0 ? [] : new ReadOnlySpan<byte>(start + offset, length);
    }

    /// <summary>Reads a range without the map.</summary>
    /// <exception cref="CompressionException">AIM1001, AIM1002: the file cannot be read any more, or became shorter.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        try
        {
            while (destination.Length > 0)
            {
                var read = RandomAccess.Read(Handle, destination, offset);
                if (read == 0)
                {
                    throw ModelErrors.NotAModel(Path, "the file became shorter while it was read");
                }

                destination = destination[read..];
                offset += read;
            }
        }
        catch (IOException exception)
        {
            throw ModelErrors.Unreadable(Path, exception);
        }
    }

    /// <summary>Makes a scratch file longer and returns where the new range begins.</summary>
    /// <exception cref="CompressionException">AIM1303: the disk is full.</exception>
    public long Extend(long length)
    {
        var offset = Length;
        Write(() => RandomAccess.SetLength(Handle, offset + length));
        Length += length;
        return offset;
    }

    /// <summary>Writes into a range that <see cref="Extend"/> gave.</summary>
    /// <exception cref="CompressionException">AIM1303: the disk is full.</exception>
    public void Write(long offset, ReadOnlyMemory<byte> bytes) => Write(() => RandomAccess.Write(Handle, bytes.Span, offset));

    public void Dispose()
    {
        start = null;
        mapped = 0;
        while (maps.TryPop(out var map))
        {
            map.View.SafeMemoryMappedViewHandle.ReleasePointer();
            map.View.Dispose();
            map.File.Dispose();
        }

        Handle.Dispose();
    }

    /// <summary>Maps the file as long as it is now. Earlier maps stay: there may be spans of them.</summary>
    private void Map()
    {
        if (Length == 0)
        {
            return;
        }

        var map = MemoryMappedFile.CreateFromFile(Handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        maps.Push((map, view));
        start = pointer + view.PointerOffset;
        mapped = Length;
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            throw ModelErrors.ScratchNotWritable(Path, exception);
        }
    }
}
