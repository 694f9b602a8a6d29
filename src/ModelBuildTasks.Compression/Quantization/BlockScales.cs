namespace ModelBuildTasks.Compression.Quantization;

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

    // The largest weight lies at level −8 or 7 of the first two, beyond the levels of the divisors that are larger.
    private static readonly float[] Divisors = [-8, -7.5f, -7, -8.5f, -9, -9.5f, -10, -10.5f, 7, 6.5f, 7.5f, 8, 8.5f, 9, 9.5f, 10];
    private static readonly float[] Shares = [1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f];

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
    public static float NotZero(float scale) => Math.Abs(scale) < ActivationParameters.SmallestNormal ? ScaleOfZeros : scale;
}
