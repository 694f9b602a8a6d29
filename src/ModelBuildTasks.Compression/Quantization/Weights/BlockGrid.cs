namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>What the sixteen levels of each block of a weight stand for: (level − zero point) · scale.</summary>
/// <param name="Layout">Which weights make blocks.</param>
/// <param name="Scales">[rows, blocks], of either sign, not zero; as they are stored.</param>
/// <param name="ScalesAreHalf">Whether every scale is a number of 16 bits.</param>
/// <param name="ZeroPoints">[rows, blocks], 0 to 15, a byte each; null where all are 8.</param>
internal sealed record BlockGrid(BlockLayout Layout, float[] Scales, bool ScalesAreHalf, byte[]? ZeroPoints)
{
    /// <summary>The level of zero of a block.</summary>
    /// <param name="block">The index in [rows, blocks].</param>
    public int ZeroPoint(int block) => ZeroPoints is null ? BlockScales.SymmetricZero : ZeroPoints[block];

    /// <summary>The zero points as operators take them: [rows, ⌈blocks / 2⌉], two to a byte, the first one low; null where all are 8.</summary>
    public byte[]? PackedZeroPoints()
    {
        if (ZeroPoints is null)
        {
            return null;
        }

        var (perRow, pairs) = (Layout.BlocksPerRow, (Layout.BlocksPerRow + 1) / 2);
        var packed = new byte[Layout.Rows * pairs];
        for (var block = 0; block < ZeroPoints.Length; block++)
        {
            var (row, place) = Math.DivRem(block, perRow);
            packed[(row * pairs) + (place / 2)] |= (byte)(ZeroPoints[block] << (4 * (place % 2)));
        }

        return packed;
    }
}
