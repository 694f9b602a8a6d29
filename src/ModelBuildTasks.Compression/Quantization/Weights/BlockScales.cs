namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// The scales among which the one of a block is chosen. The first just holds the block; the others clip its largest weights for a finer step, or lay the levels the other way round: there is one level more on
/// the side of the sign of the scale than on the other.
/// </summary>
internal static class BlockScales
{
    /// <summary>How many are tried.</summary>
    public const int Count = 16;

    /// <summary>The level of a zero that no block has a zero point for.</summary>
    public const int SymmetricZero = 8;

    private const float ScaleOfZeros = 1;
    private const int HighestLevel = 15;

    // Sixteen that come within 0.05 dB (0.1 with zero points) of two hundred, at blocks of 32 weights with a normal distribution: 0.47 and 0.35 dB above the first alone.
    private static readonly float[] Divisors = [-8, -7.75f, -7.5f, -8.25f, -8.5f, -8.75f, -9, -9.5f, -10, 7, 7.25f, 7.5f, 7.75f, 8, 8.5f, 9];
    private static readonly float[] Shares = [1, 1.03f, 0.97f, 0.94f, 0.91f, 0.88f, 0.85f, 0.8f];

    /// <summary>A scale of blocks without zero points.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="minimum">The least weight of the block and zero.</param>
    /// <param name="maximum">The greatest weight and zero.</param>
    public static float Symmetric(int index, float minimum, float maximum)
    {
        var largest = maximum >= -minimum ? maximum : minimum;
        return NotZero(largest / Divisors[index]);
    }

    /// <summary>A scale of blocks with zero points, and the level of zero, 0 to 15.</summary>
    /// <inheritdoc cref="Symmetric"/>
    public static (float Scale, int ZeroPoint) WithZeroPoint(int index, float minimum, float maximum)
    {
        var range = (double)maximum - minimum;
        var scale = NotZero((float)(range * Shares[index / 2] / HighestLevel));
        if (range == 0)
        {
            return (scale, SymmetricZero);
        }

        var place = -minimum / range * HighestLevel;
        var nearest = Math.Round(place);
        var other = place < nearest ? nearest - 1 : nearest + 1;
        return (scale, (int)Math.Clamp(index % 2 == 0 ? nearest : other, 0, HighestLevel));
    }

    /// <summary>What cannot be divided by is the scale of a block of zeros.</summary>
    public static float NotZero(float scale) => Math.Abs(scale) < ScaleRange.Smallest ? ScaleOfZeros : scale;
}
