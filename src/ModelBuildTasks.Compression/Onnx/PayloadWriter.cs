using Google.Protobuf;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Takes the bytes of a new tensor in parts, from the first to the last.</summary>
internal sealed class PayloadWriter
{
    private readonly long length;
    private readonly byte[]? heap;
    private readonly FileRange range;
    private long written;

    /// <summary>Keeps the bytes on the heap.</summary>
    public PayloadWriter(long length)
    {
        this.length = length;
        heap = new byte[length];
    }

    /// <summary>Puts the bytes into a scratch file.</summary>
    public PayloadWriter(MappedFile scratch, long length)
    {
        this.length = length;
        range = new FileRange(scratch, scratch.Extend(length), length);
    }

    /// <exception cref="ArgumentException">There are more bytes than was said.</exception>
    public void Append(ReadOnlyMemory<byte> part)
    {
        if (part.Length > length - written)
        {
            throw new ArgumentException($"{written + part.Length} bytes do not fit {length}.", nameof(part));
        }

        if (heap is not null)
        {
            part.Span.CopyTo(heap.AsSpan((int)written));
        }
        else
        {
            range.File.Write(range.Offset + written, part);
        }

        written += part.Length;
    }

    /// <summary>The bytes, for raw_data.</summary>
    /// <exception cref="InvalidOperationException">Some are missing.</exception>
    public ByteString Finish() => written < length
        ? throw new InvalidOperationException($"{written} of {length} bytes were written.")
        : UnsafeByteOperations.UnsafeWrap(heap ?? new FileView(range).Memory);
}
