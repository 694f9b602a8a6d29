namespace ModelBuildTasks.Compression.Search;

/// <summary>What errors lost from one trial to the next on the same samples.</summary>
internal static class PairedGain
{
    /// <summary>
    /// The mean gain in its standard errors (the statistic of the paired t test), +∞ where every sample gained the same. One changed scale rounds everything behind it anew, so that single samples gain and lose at random; the errors
    /// of a few can make up most of the sum.
    /// </summary>
    /// <param name="before">The error of each sample.</param>
    /// <param name="after">The error of each sample, as many.</param>
    public static double Significance(IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        var gains = before.Zip(after, (left, right) => left - right).ToArray();
        var mean = gains.Average();
        var variance = gains.Sum(gain => (gain - mean) * (gain - mean)) / (gains.Length - 1);
        return mean == 0 ? 0 : mean / Math.Sqrt(variance / gains.Length);
    }
}
