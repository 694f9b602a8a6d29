using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// Chooses the scale of each block by the weights alone: of <see cref="BlockScales"/> the one with the least Σ h (w − ŵ)², the first of those that do alike, then in some steps the scale that fits the levels best (alternating
/// least squares) for as long as the error falls. The importance h = √(1 + w² / mean w²) is in the manner of the k-quants of llama.cpp (ggml-quants.c), which weigh errors by functions of the weight too.
/// </summary>
/// <param name="isSymmetric">Whether level 8 is always zero; else each block has a zero point.</param>
/// <param name="scalesAreHalf">Whether scales are numbers of 16 bits.</param>
/// <param name="size">The weights of a block.</param>
internal sealed class BlockScaleSearch(bool isSymmetric, bool scalesAreHalf, int size)
{
    /// <summary>Steps of the fit: a third one moves the error by less than a thousandth.</summary>
    private const int Fits = 2;

    private readonly float[] importance = new float[size * BlockTile.Columns];
    private readonly float[] minima = new float[BlockTile.Columns];
    private readonly float[] maxima = new float[BlockTile.Columns];
    private readonly float[] errors = new float[BlockTile.Columns];
    private readonly float[] triedScales = new float[BlockTile.Columns];
    private readonly float[] triedLowest = new float[BlockTile.Columns];
    private readonly float[] triedErrors = new float[BlockTile.Columns];
    private readonly Half[] halves = new Half[BlockTile.Columns];

    /// <summary>Sets the scales and the zero points of a tile that has its weights.</summary>
    public void Choose(BlockTile tile)
    {
        var columns = tile.Scales.Length;
        ColumnExtremes.Of(tile.Values, minima.AsSpan(0, columns), maxima.AsSpan(0, columns));
        BlockImportance.Of(tile.Values, columns, Importance(tile));
        for (var index = 0; index < BlockScales.Count; index++)
        {
            for (var column = 0; column < columns; column++)
            {
                (triedScales[column], triedLowest[column]) = Candidate(index, minima[column], maxima[column]);
            }

            Try(tile, isFirst: index == 0);
        }

        for (var step = 0; step < Fits; step++)
        {
            tile.Lowest.CopyTo(triedLowest);
            BlockFits.Of(tile.Values, Importance(tile), tile.Scales, tile.Lowest, triedScales.AsSpan(0, columns));
            Try(tile, isFirst: false);
        }
    }

    private Span<float> Importance(BlockTile tile) => importance.AsSpan(0, tile.Values.Length);

    private (float Scale, float Lowest) Candidate(int index, float minimum, float maximum)
    {
        if (isSymmetric)
        {
            return (BlockScales.Symmetric(index, minimum, maximum), -BlockScales.SymmetricZero);
        }

        var (scale, zeroPoint) = BlockScales.WithZeroPoint(index, minimum, maximum);
        return (scale, -zeroPoint);
    }

    /// <summary>Takes over the scales that were tried, as they are stored, where they have the least error so far.</summary>
    private void Try(BlockTile tile, bool isFirst)
    {
        var columns = tile.Scales.Length;
        var tried = triedScales.AsSpan(0, columns);
        if (scalesAreHalf)
        {
            TensorPrimitives.ConvertToHalf(tried, halves);
            TensorPrimitives.ConvertToSingle(halves.AsSpan(0, columns), tried);
        }

        foreach (ref var scale in tried)
        {
            scale = BlockScales.NotZero(scale);
        }

        BlockErrors.Of(tile.Values, Importance(tile), tried, triedLowest.AsSpan(0, columns), triedErrors.AsSpan(0, columns));
        for (var column = 0; column < columns; column++)
        {
            if (isFirst || triedErrors[column] < errors[column])
            {
                (tile.Scales[column], tile.Lowest[column], errors[column]) = (triedScales[column], triedLowest[column], triedErrors[column]);
            }
        }
    }
}
