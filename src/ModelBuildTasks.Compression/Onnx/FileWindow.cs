using Microsoft.Win32.SafeHandles;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A file seen through a small buffer that moves to where one looks. The structure of a model is read this way and not through the map:
/// every touched page of a map brings 16 pages of the file with it, so that a walk over many medium-sized tensors would make the whole file
/// resident.
/// </summary>
internal sealed class FileWindow(SafeFileHandle file, long length)
{
    public const int Size = 1 << 14;

    /// <summary>What is read after a jump: enough for the head of a tensor, since its bytes are jumped over next.</summary>
    private const int SizeAfterJump = 1 << 10;

    private readonly byte[] buffer = new byte[Size];
    private long start;
    private int count;

    public long Length => length;

    /// <summary>
    /// The bytes from a position on, at most <see cref="Size"/>, fewer at the end of the file. Valid until the next call.
    /// </summary>
    /// <exception cref="InvalidDataException">The file became shorter since it was opened.</exception>
    public ReadOnlySpan<byte> Peek(long position, int atMost)
    {
        var wanted = (int)Math.Min(atMost, length - position);
        if (position < start || position + wanted > start + count)
        {
            var jumped = position < start || position > start + count;
            Move(position, jumped ? Math.Max(SizeAfterJump, wanted) : Size);
        }

        return wanted <= start + count - position
            ? buffer.AsSpan((int)(position - start), wanted)
            : throw new InvalidDataException("the file became shorter while it was read");
    }

    private void Move(long position, int size)
    {
        (start, count) = (position, 0);
        int read;
        do
        {
            read = RandomAccess.Read(file, buffer.AsSpan(count, size - count), start + count);
            count += read;
        }
        while (read > 0 && count < size);
    }
}
