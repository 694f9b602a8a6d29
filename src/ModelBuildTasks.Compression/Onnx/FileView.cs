using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// The memory behind the bytes of a tensor that lie in a file. It tells where they lie, so that they can be read without the map, and where they are more than a span can hold. Bytes, clones of a
/// tensor and tensors that share bytes have the same one.
/// </summary>
internal sealed class FileView(FileRange range) : MemoryManager<byte>
{
    public FileRange Range => range;

    // Beyond 2 GiB the length is only the largest there is: such bytes are read in parts.
    public override Memory<byte> Memory => CreateMemory((int)Math.Min(range.Length, int.MaxValue));

    /// <summary>The range behind bytes; null where they are on the heap.</summary>
    public static FileRange? Of(ByteString bytes) => MemoryMarshal.TryGetMemoryManager<byte, FileView>(bytes.Memory, out var view) ? view.Range : null;

    /// <exception cref="InvalidOperationException">The range exceeds 2 GiB.</exception>
    public override Span<byte> GetSpan()
    {
        // The map is read-only: the memory is handed out as ReadOnlyMemory only.
        var bytes = range.File.Span(range.Offset, RequireSpan());
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
    }

    // Mapped memory does not move.
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ref readonly var first = ref MemoryMarshal.GetReference(range.File.Span(range.Offset, RequireSpan()));
        return new((byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(in first) + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private int RequireSpan() => range.Length <= int.MaxValue
        ? (int)range.Length
        : throw new InvalidOperationException($"{range.Length} bytes fit no span: they are read in parts.");
}
