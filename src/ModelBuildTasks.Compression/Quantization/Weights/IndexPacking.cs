using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Indices of a codebook in bytes: one, two, four or eight to a byte, the first one in the lowest bits.</summary>
/// <param name="Bits">The bits of an index: 8, 4, 2 or 1.</param>
internal readonly record struct IndexPacking(int Bits)
{
    /// <summary>How many indices a byte has.</summary>
    public int PerByte => 8 / Bits;

    /// <summary>The smallest packing that has room for so many values, and leaves no byte of the indices in part.</summary>
    /// <param name="values">The values of a codebook: 1 to 256.</param>
    /// <param name="indices">How many indices there are.</param>
    public static IndexPacking Of(int values, long indices)
    {
        var bits = 1;
        while (bits < 8 && (1 << bits < values || indices % (8 / bits) != 0))
        {
            bits *= 2;
        }

        return new(bits);
    }

    /// <summary>All bytes, as the indices in them: [256 × per byte].</summary>
    public byte[] Table()
    {
        var table = new byte[256 * PerByte];
        Unpack([.. Enumerable.Range(0, 256).Select(value => (byte)value)], 0, table);
        return table;
    }

    /// <summary>Takes indices out of bytes.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="first">Which index of the first byte is the first one.</param>
    /// <param name="indices">Gets the indices.</param>
    public void Unpack(ReadOnlySpan<byte> packed, int first, Span<byte> indices)
    {
        var mask = (1 << Bits) - 1;
        for (var i = 0; i < indices.Length; i++)
        {
            var place = first + i;
            indices[i] = (byte)((packed[place / PerByte] >> (place % PerByte * Bits)) & mask);
        }
    }
}
