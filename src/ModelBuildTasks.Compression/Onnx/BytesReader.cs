using Google.Protobuf;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// The bytes of a tensor in parts, as raw_data has them, whichever field holds them and however many there are. Those in a file are read into one buffer, so that walking over a model's weights
/// makes none of them resident.
/// </summary>
internal sealed class BytesReader
{
    /// <summary>Bytes of the largest part.</summary>
    public const int LargestPart = 1 << 21;

    private readonly ReadOnlyMemory<byte> memory;
    private readonly FileRange? range;
    private byte[] buffer = [];

    public BytesReader(TensorProto tensor)
        : this(tensor.HasRawData ? tensor.RawData : UnsafeByteOperations.UnsafeWrap(TypedFields.Pack(tensor).ToArray()))
    {
    }

    public BytesReader(ByteString bytes)
    {
        range = FileView.Of(bytes);
        memory = range is null ? bytes.Memory : default;
        Length = range?.Length ?? memory.Length;
    }

    public long Length { get; }

    /// <summary>A part, valid until the next one is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is larger than <see cref="LargestPart"/> or not in the tensor.</exception>
    /// <exception cref="Diagnostics.CompressionException">AIM1001, AIM1002: the file cannot be read any more, or became shorter.</exception>
    public ReadOnlyMemory<byte> Read(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LargestPart);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        if (range is not { } file)
        {
            return memory.Slice((int)offset, length);
        }

        if (buffer.Length < length)
        {
            buffer = new byte[Math.Min(Length, LargestPart)];
        }

        file.File.Read(file.Offset + offset, buffer.AsSpan(0, length));
        return buffer.AsMemory(0, length);
    }

    /// <summary>All bytes in order, in parts of whole elements.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Parts()
    {
        for (var offset = 0L; offset < Length; offset += LargestPart)
        {
            yield return Read(offset, (int)Math.Min(LargestPart, Length - offset));
        }
    }
}
