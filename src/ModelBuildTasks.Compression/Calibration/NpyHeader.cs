using System.Buffers.Binary;
using System.Text;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// What stands before the elements of a NumPy array.
/// Source: NumPy, "A simple file format for NumPy arrays" (numpy.lib.format), versions 1.0 to 3.0.
/// </summary>
/// <param name="Description">The element type as written, for example &lt;f4.</param>
/// <param name="IsFortranOrder">Whether the first axis varies fastest.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="DataOffset">Bytes before the first element.</param>
internal sealed record NpyHeader(string Description, bool IsFortranOrder, long[] Shape, int DataOffset)
{
    // NumPy writes a hundred bytes; the versions after the first allow 4 GiB, which no array of numbers needs.
    private const int MaximumLength = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a header and leaves the stream at the first element.</summary>
    /// <exception cref="FormatException">It is not a NumPy array, or a newer version.</exception>
    /// <exception cref="EndOfStreamException">The stream ends inside the header.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new FormatException("it does not start like a NumPy array");
        }

        var (major, minor) = (start[6], start[7]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw new FormatException($"its NumPy format version {major}.{minor} is unknown; 1.0, 2.0 and 3.0 are known");
        }

        Span<byte> lengthBytes = stackalloc byte[major == 1 ? 2 : 4];
        stream.ReadExactly(lengthBytes);
        var length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaximumLength)
        {
            throw new FormatException($"its header claims {length} bytes");
        }

        var text = new byte[length];
        stream.ReadExactly(text);
        var dictionary = new NpyDictionary((major == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text));
        var (description, isFortranOrder, shape) = dictionary.Parse();
        return new NpyHeader(description, isFortranOrder, shape, start.Length + lengthBytes.Length + text.Length);
    }
}
