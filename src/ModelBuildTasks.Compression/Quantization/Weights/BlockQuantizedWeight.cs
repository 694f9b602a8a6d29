using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight as levels of four bits: w ≈ (level − zero point) · scale of its block.</summary>
/// <param name="Layout">Which weights make blocks.</param>
/// <param name="Values">[rows, blocks, size / 2], two levels to a byte, the first one low; perhaps in the model's scratch file. Zeros fill the last block of a row.</param>
/// <param name="Scales">[rows, blocks], of either sign, not zero.</param>
/// <param name="ScalesAreHalf">Whether every scale is a number of 16 bits.</param>
/// <param name="ZeroPoints">[rows, ⌈blocks / 2⌉], two to a byte, the first one low; null where all are 8.</param>
/// <param name="Signal">Σ w².</param>
/// <param name="Noise">Σ of the squared errors.</param>
internal sealed record BlockQuantizedWeight(BlockLayout Layout, ByteString Values, float[] Scales, bool ScalesAreHalf, byte[]? ZeroPoints, double Signal, double Noise)
{
    /// <summary>Bytes of levels, scales and zero points.</summary>
    public long Bytes => (long)Layout.Blocks * Layout.Size / 2 + (Scales.LongLength * (ScalesAreHalf ? 2 : 4)) + (ZeroPoints?.LongLength ?? 0);

    /// <summary>All values as floats: in order where rows lie in one piece, else those of rows side by side, one depth after the other.</summary>
    public IEnumerable<RestoredPart> Restored()
    {
        var bytes = new BytesReader(Values);
        var restored = new float[Layout.Size * BlockTile.Columns];
        foreach (var group in Layout.Groups(BlockTile.Columns))
        {
            if (Layout.Inner == 1)
            {
                var (start, length) = (Layout.Start(group.First), 0);
                for (var column = 0; column < group.Count; column++)
                {
                    length += Restore(bytes, group.Block(column), restored.AsSpan(length), 1);
                }

                yield return new RestoredPart(start, restored.AsMemory(0, length));
                continue;
            }

            for (var column = 0; column < group.Count; column++)
            {
                Restore(bytes, group.Block(column), restored.AsSpan(column), group.Count);
            }

            for (var row = 0; row < Layout.Length(group.First); row++)
            {
                yield return new RestoredPart(Layout.Start(group.First) + ((long)row * Layout.Inner), restored.AsMemory(row * group.Count, group.Count));
            }
        }
    }

    /// <summary>Restores the weights of a block, one every so many values; returns how many there are.</summary>
    private int Restore(BytesReader bytes, int block, Span<float> restored, int step)
    {
        var levels = bytes.Read((long)block * Layout.Size / 2, Layout.Size / 2).Span;
        var (row, place) = Math.DivRem(block, Layout.BlocksPerRow);
        var (zeroPoint, length) = (ZeroPoints is null ? BlockScales.SymmetricZero : Nibble(ZeroPoints, (row * 2 * ((Layout.BlocksPerRow + 1) / 2)) + place), Layout.Length(block));
        for (var i = 0; i < length; i++)
        {
            restored[i * step] = (Nibble(levels, i) - zeroPoint) * Scales[block];
        }

        return length;
    }

    private static int Nibble(ReadOnlySpan<byte> bytes, int index) => (bytes[index / 2] >> (4 * (index % 2))) & 15;
}
