using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A file to read from: through a map, whose pages become resident when touched, or by reads, which leave nothing behind.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private byte* start;

    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is a folder, or there is no right to read it.</exception>
    public MappedFile(string path)
    {
        Path = path;
        Handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            Length = RandomAccess.GetLength(Handle);
            if (Length > 0)
            {
                map = MemoryMappedFile.CreateFromFile(
                    Handle, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
                view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
                start += view.PointerOffset;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public long Length { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>The mapped bytes of a range.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        return length == 0 ? [] : new ReadOnlySpan<byte>(start + offset, length);
    }

    /// <summary>A view of a range, good until the file is disposed; it throws afterwards.</summary>
    public ReadOnlyMemory<byte> Memory(long offset, int length) => new Range(this, offset, length).Memory;

    public void Dispose()
    {
        if (start is not null)
        {
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
            start = null;
        }

        view?.Dispose();
        map?.Dispose();
        Handle.Dispose();
    }

    private sealed class Range(MappedFile file, long offset, int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        // The map is read-only: the memory is handed out as ReadOnlyMemory only.
        public override Span<byte> GetSpan()
        {
            var bytes = file.Span(offset, length);
            return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
        }

        // Mapped memory does not move.
        public override MemoryHandle Pin(int elementIndex = 0) => new(file.start + offset + elementIndex, pinnable: this);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
