namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// The scales among which the one of a channel is chosen: from the one that uses the whole range of bytes, where the pairs that exceed the bound are moved onto it, to the one at which none exceeds it. In
/// between, few pairs are moved and all others are rounded more finely.
/// </summary>
/// <param name="FullRange">max |w| / 127; 0 for a channel of zeros.</param>
/// <param name="PairSafe">The smallest scale at which every pair fits, at least the other.</param>
internal readonly record struct PairScales(float FullRange, float PairSafe)
{
    /// <summary>How many scales are tried, both ends among them.</summary>
    public const int Count = 16;

    /// <summary>Whether there is nothing to choose.</summary>
    public bool IsSettled => FullRange == PairSafe;

    /// <param name="largestMagnitude">max |w| of the channel.</param>
    /// <param name="largestSum">max |w0 + w1| of its pairs: of opposite signs it is below the magnitude.</param>
    /// <param name="limit">The largest |q0 + q1|.</param>
    public static PairScales Of(float largestMagnitude, float largestSum, int limit)
    {
        var fullRange = WeightQuantizer.Scale(largestMagnitude);
        // Never more than twice, so that a sum which overflows does no harm.
        return new PairScales(fullRange, Math.Max(fullRange, Math.Min(2 * fullRange, (float)(largestSum / (double)limit))));
    }

    /// <summary>The scales in ascending order.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public float this[int index] => index == Count - 1 ? PairSafe : (float)(FullRange + (((double)PairSafe - FullRange) * index / (Count - 1)));

    /// <summary>
    /// What the errors of a channel's weights do to its output, in expectation: σ² · Σ e² + μ² · (Σ e)² for inputs of mean μ and deviation σ, here over σ². The second term counts, because moving a pair onto the
    /// bound shortens both of its weights; μ² / σ² is that of a normal distribution cut off at zero, as behind a Relu: 1 / (π − 1).
    /// </summary>
    public static double OutputError((double Squares, double Sum) errors) => errors.Squares + (errors.Sum * errors.Sum * (1 / (Math.PI - 1)));
}
