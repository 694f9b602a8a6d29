namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The range that holds 99.99 % of the values that are not zero, widened to hold zero (McKinstry et al. 2018, Discovering low-precision networks close to full-precision networks for efficient embedded inference).</summary>
internal static class PercentileRange
{
    private const double Clipped = 1e-4;

    /// <summary>
    /// The range. Of values on both sides of zero, half of what is clipped goes on each side; where all are on one side, all of it is clipped on the side away from zero.
    /// </summary>
    public static ValueRange Of(StreamedHistogram histogram)
    {
        // Zeros are in every range; counted, they would leave a sparse activation next to none.
        var total = 0L;
        for (var bin = 0; bin < StreamedHistogram.Bins; bin++)
        {
            total += histogram.NonZeros(bin);
        }

        var share = histogram.Minimum < 0 && histogram.Maximum > 0 ? Clipped / 2 : Clipped;
        return new ValueRange(Lower(histogram, total * share), Upper(histogram, total * share));
    }

    private static float Upper(StreamedHistogram histogram, double clipped)
    {
        var bin = StreamedHistogram.Bins - 1;
        while (bin > -histogram.Origin && histogram.NonZeros(bin) <= clipped)
        {
            clipped -= histogram.NonZeros(bin--);
        }

        return (float)Math.Clamp((histogram.Origin + bin + 1 - Part(histogram, bin, clipped)) * histogram.Width, 0, histogram.Maximum);
    }

    private static float Lower(StreamedHistogram histogram, double clipped)
    {
        var bin = 0;
        while (bin < -histogram.Origin && histogram.NonZeros(bin) <= clipped)
        {
            clipped -= histogram.NonZeros(bin++);
        }

        return (float)Math.Clamp((histogram.Origin + bin + Part(histogram, bin, clipped)) * histogram.Width, histogram.Minimum, 0);
    }

    private static double Part(StreamedHistogram histogram, int bin, double clipped) => histogram.NonZeros(bin) == 0 ? 0 : Math.Min(clipped / histogram.NonZeros(bin), 1);
}
