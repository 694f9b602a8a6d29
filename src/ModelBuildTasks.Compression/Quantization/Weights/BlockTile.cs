using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Some blocks of a weight, which are the columns of a matrix, and what they are quantized to. One tile serves one block after the other.</summary>
/// <param name="options">How blocks are stored.</param>
/// <param name="scalesAreHalf">Whether scales are numbers of 16 bits.</param>
internal sealed class BlockTile(BlockOptions options, bool scalesAreHalf)
{
    /// <summary>The most blocks at a time: 32 values of each fit the nearest cache.</summary>
    public const int Columns = 256;

    private readonly float[] values = new float[options.Size * Columns];
    private readonly byte[] levels = new byte[options.Size * Columns];
    private readonly byte[] packed = new byte[options.Size / 2 * Columns];
    private readonly float[] minima = new float[Columns];
    private readonly float[] maxima = new float[Columns];
    private readonly float[] scales = new float[Columns];
    private readonly float[] lowest = new float[Columns];
    private readonly float[] errors = new float[Columns];
    private readonly float[] triedScales = new float[Columns];
    private readonly float[] triedLowest = new float[Columns];
    private readonly float[] triedErrors = new float[Columns];
    private readonly Half[] halves = new Half[Columns];

    /// <summary>Where the weights go: the first element of each block, then the second, and so on.</summary>
    public Span<float> Values(int columns) => values.AsSpan(0, options.Size * columns);

    /// <summary>The scale of a block.</summary>
    public float Scale(int column) => scales[column];

    /// <summary>The level of zero of a block.</summary>
    public int ZeroPoint(int column) => (int)-lowest[column];

    /// <summary>Chooses the scale of each block by the least squared error among <see cref="BlockScales"/>, the first of those that do alike, and rounds.</summary>
    /// <param name="columns">How many blocks there are.</param>
    /// <param name="rows">Gets two levels to a byte, block after block.</param>
    /// <returns>Σ of the squared errors.</returns>
    public double Quantize(int columns, Span<byte> rows)
    {
        var weights = Values(columns);
        ColumnExtremes.Of(weights, minima.AsSpan(0, columns), maxima.AsSpan(0, columns));
        for (var index = 0; index < BlockScales.Count; index++)
        {
            Try(index, columns);
            for (var column = 0; column < columns; column++)
            {
                if (index == 0 || triedErrors[column] < errors[column])
                {
                    (scales[column], lowest[column], errors[column]) = (triedScales[column], triedLowest[column], triedErrors[column]);
                }
            }
        }

        var bytes = levels.AsSpan(0, weights.Length);
        BlockLevels.Of(weights, scales.AsSpan(0, columns), lowest.AsSpan(0, columns), bytes);
        for (var pair = 0; pair < options.Size / 2; pair++)
        {
            PackNibbles.Of(bytes.Slice(2 * pair * columns, columns), bytes.Slice(((2 * pair) + 1) * columns, columns), packed.AsSpan(pair * columns, columns));
        }

        Transposition.Of<byte>(packed.AsSpan(0, options.Size / 2 * columns), options.Size / 2, columns, rows);
        var noise = 0.0;
        foreach (var error in errors.AsSpan(0, columns))
        {
            noise += error;
        }

        return noise;
    }

    private void Try(int index, int columns)
    {
        for (var column = 0; column < columns; column++)
        {
            if (options.IsSymmetric)
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

        BlockErrors.Of(Values(columns), tried, triedLowest.AsSpan(0, columns), triedErrors.AsSpan(0, columns));
    }
}
