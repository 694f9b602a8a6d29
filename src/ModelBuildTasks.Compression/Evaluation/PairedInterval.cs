namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>95 % intervals of how much a model lost, each from the very same samples before and after.</summary>
internal static class PairedInterval
{
    // The 97.5 % quantile of the normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// The interval of (lost − gained) / samples, where <paramref name="lost"/> samples were right before only and <paramref name="gained"/> after only. It is the score interval of Tango, "Equivalence
    /// test and confidence interval for the difference in proportions for the paired-sample design", Statistics in Medicine 17, 1998: it keeps its coverage when few samples changed or none,
    /// where the Wald interval has no width. With no change it is ±z² / (n + z²), about ±3.84 / n.
    /// </summary>
    public static (double Low, double High) OfDrop(int lost, int gained, int samples)
        => (-Bound(gained, lost, samples), Bound(lost, gained, samples));

    /// <summary>The score interval of a share (Wilson, Journal of the American Statistical Association 22, 1927), for agreement: every change is a loss.</summary>
    public static (double Low, double High) OfShare(int count, int samples)
    {
        var share = (double)count / samples;
        var centre = share + (Z * Z / (2 * samples));
        var width = Z * Math.Sqrt(((share * (1 - share)) + (Z * Z / (4 * samples))) / samples);
        var scale = 1 + (Z * Z / samples);
        return (count == 0 ? 0 : (centre - width) / scale, count == samples ? 1 : (centre + width) / scale);
    }

    /// <summary>The normal interval of a mean of values between 0 and 2; one value tells nothing of its spread, and the interval is all of it.</summary>
    public static (double Low, double High) OfMean(double sum, double sumOfSquares, int samples)
    {
        if (samples < 2)
        {
            return (0, 2);
        }

        var mean = sum / samples;
        var variance = Math.Max(0, (sumOfSquares - (sum * mean)) / (samples - 1));
        var width = Z * Math.Sqrt(variance / samples);
        return (mean - width, mean + width);
    }

    /// <summary>
    /// The interval of (errors after − errors before) / characters, where errors of one line depend on each other: the wider, on each side, of two. One is the normal interval of a ratio of two sums over lines
    /// (Cochran, "Sampling Techniques", third edition, 1977, section 6.4), whose spread is that of what the lines differ from the common ratio; it has no width where no line changed. The other is <see cref="OfDrop"/> with
    /// characters for samples, which keeps a width then, and is too narrow where the errors of a line come together. One line tells nothing of the spread between lines: −1 to 1.
    /// </summary>
    public static (double Low, double High) OfErrors(PairedErrors errors)
    {
        if (errors.Lines < 2 || errors.Length == 0)
        {
            return (-1, 1);
        }

        var ratio = (double)(errors.Lost - errors.Gained) / errors.Length;
        var squares = errors.Squares - (2 * ratio * errors.Products) + (ratio * ratio * errors.LengthSquares);
        var width = Z * Math.Sqrt(Math.Max(0, squares) * errors.Lines / (errors.Lines - 1)) / errors.Length;
        var (low, high) = (ratio - width, ratio + width);
        // Lines may have more errors than characters: shares of characters mean nothing then.
        if (errors.Lost + errors.Gained <= errors.Length && errors.Length <= int.MaxValue)
        {
            var (lowest, highest) = OfDrop((int)errors.Lost, (int)errors.Gained, (int)errors.Length);
            (low, high) = (Math.Min(low, lowest), Math.Max(high, highest));
        }

        return (Math.Clamp(low, -1, 1), Math.Clamp(high, -1, 1));
    }

    /// <summary>The greatest difference that the score test does not refuse. The score falls as the difference grows, so halving finds it.</summary>
    private static double Bound(int lost, int gained, int samples)
    {
        var (low, high) = ((double)(lost - gained) / samples, 1.0);
        // 60 halvings of an interval of at most 2 reach the last bit that matters.
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Score(lost, gained, samples, middle) > -Z ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The score statistic of a difference, with the share of gained samples at its most likely value under that difference.</summary>
    private static double Score(int lost, int gained, int samples, double difference)
    {
        double a = 2.0 * samples;
        var b = ((2.0 * samples) - lost + gained) * difference - lost - gained;
        var c = -gained * difference * (1 - difference);
        var gainedShare = (Math.Sqrt(Math.Max(0, (b * b) - (4 * a * c))) - b) / (2 * a);
        var variance = samples * ((2 * gainedShare) + (difference * (1 - difference)));
        return variance <= 0 ? 0 : (lost - gained - (samples * difference)) / Math.Sqrt(variance);
    }
}
