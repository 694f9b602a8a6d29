namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What storing an activation in 8 bits costs, told from its histogram.</summary>
internal static class QuantizationError
{
    private const int Steps = byte.MaxValue;

    /// <summary>
    /// The expected sum of squared errors of all counted values, stored unsigned and asymmetric in 8 bits over a range: rounding inside it and clipping outside. Values are taken as evenly spread in
    /// their bin, and those that are exactly zero as stored exactly.
    /// </summary>
    /// <param name="histogram">The values.</param>
    /// <param name="minimum">The range's lower end; at most 0.</param>
    /// <param name="maximum">The range's upper end; at least 0 and above the lower end.</param>
    public static double SumOfSquares(StreamedHistogram histogram, double minimum, double maximum)
    {
        var scale = (maximum - minimum) / Steps;
        var lowest = Math.Round(minimum / scale);
        var highest = lowest + Steps;
        var (width, sum) = (histogram.Width / scale, 0.0);
        var before = Integral(histogram.Origin * width, lowest, highest);
        for (var i = 0; i < StreamedHistogram.Bins; i++)
        {
            var after = Integral((histogram.Origin + i + 1) * width, lowest, highest);
            sum += histogram.NonZeros(i) * (after - before);
            before = after;
        }

        // In steps so far; the integral over a bin divided by its width is the mean over it.
        return sum / width * scale * scale;
    }

    /// <summary>The squared distance to the nearest level, integrated from 0: every level passed adds ∫ r² = 1/12 (from −½ to ½), the way from the last one r³/3; beyond the last level r goes on growing.</summary>
    private static double Integral(double value, double lowest, double highest)
    {
        var level = Math.Min(Math.Max(Math.Round(value), lowest), highest);
        var rest = value - level;
        return (level / 12) + (rest * rest * rest / 3);
    }
}
