using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Chooses the scale of each block by the least squared error among <see cref="BlockScales"/>, the first of those that do alike.</summary>
/// <param name="isSymmetric">Whether level 8 is always zero; else each block has a zero point.</param>
/// <param name="scalesAreHalf">Whether scales are numbers of 16 bits.</param>
internal sealed class BlockScaleSearch(bool isSymmetric, bool scalesAreHalf)
{
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
        for (var index = 0; index < BlockScales.Count; index++)
        {
            Try(index, tile.Values, columns);
            for (var column = 0; column < columns; column++)
            {
                if (index == 0 || triedErrors[column] < errors[column])
                {
                    (tile.Scales[column], tile.Lowest[column], errors[column]) = (triedScales[column], triedLowest[column], triedErrors[column]);
                }
            }
        }
    }

    private void Try(int index, ReadOnlySpan<float> values, int columns)
    {
        for (var column = 0; column < columns; column++)
        {
            if (isSymmetric)
            {
                (triedScales[column], triedLowest[column]) = (BlockScales.Symmetric(index, minima[column], maxima[column]), -BlockScales.SymmetricZero);
            }
            else
            {
                (triedScales[column], var zeroPoint) = BlockScales.WithZeroPoint(index, minima[column], maxima[column]);
                triedLowest[column] = -zeroPoint;
            }
        }

        var tried = triedScales.AsSpan(0, columns);
        if (scalesAreHalf)
        {
            TensorPrimitives.ConvertToHalf(tried, halves);
            TensorPrimitives.ConvertToSingle(halves.AsSpan(0, columns), tried);
            foreach (ref var scale in tried)
            {
                scale = BlockScales.NotZero(scale);
            }
        }

        BlockErrors.Of(values, tried, triedLowest.AsSpan(0, columns), triedErrors.AsSpan(0, columns));
    }
}
