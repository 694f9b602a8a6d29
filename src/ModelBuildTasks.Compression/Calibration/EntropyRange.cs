namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// The threshold whose 8-bit form keeps the most information: the least Kullback-Leibler divergence between the values clipped at ±threshold and their quantized form (Migacz 2017, 8-bit inference
/// with TensorRT). The range is what ±threshold and the observed range share.
/// </summary>
internal static class EntropyRange
{
    private const int Levels = 256;
    private const int Candidates = 256;

    // What the quantized form is mixed with, evenly over the bins that the clipped form uses, so that no divergence is infinite: a clipped value may lie in a bin where none was before.
    private const double Smoothing = 1e-4;

    /// <summary>The range; the observed one where no narrower one is better, or where there are no more bins than levels. Values that are exactly zero do not count: every form has them.</summary>
    public static ValueRange Of(StreamedHistogram histogram)
    {
        var counts = new double[StreamedHistogram.Bins];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = histogram.NonZeros(i);
        }

        var first = 0;
        var end = counts.AsSpan().LastIndexOfAnyExcept(0.0) + 1;
        var zero = -histogram.Origin;
        var greatest = Math.Max(zero, end - zero);
        var stride = Math.Max(1, greatest / Candidates);
        var (bestFirst, bestEnd, least) = (first, end, double.PositiveInfinity);
        for (var threshold = greatest; threshold > 0; threshold -= stride)
        {
            var (from, to) = (Math.Max(first, zero - threshold), Math.Min(end, zero + threshold));
            if (to - from <= Levels)
            {
                break;
            }

            var divergence = Divergence(counts, from, to);
            if (divergence < least)
            {
                (bestFirst, bestEnd, least) = (from, to, divergence);
            }
        }

        return new ValueRange(
            bestFirst == first ? histogram.Minimum : (float)((histogram.Origin + bestFirst) * histogram.Width),
            bestEnd == end ? histogram.Maximum : (float)((histogram.Origin + bestEnd) * histogram.Width));
    }

    private static double Divergence(double[] counts, int from, int to)
    {
        var inside = counts.AsSpan(from, to - from);
        double below = Sum(counts.AsSpan(0, from)), kept = Sum(inside), above = Sum(counts.AsSpan(to));
        var total = below + kept + above;
        if (kept == 0)
        {
            return double.PositiveInfinity;
        }

        double Clipped(int i, double count) => count + (i == 0 ? below : 0) + (i == to - from - 1 ? above : 0);

        var used = 0;
        for (var i = 0; i < inside.Length; i++)
        {
            used += Clipped(i, inside[i]) > 0 ? 1 : 0;
        }

        var sum = 0.0;
        var start = 0;
        for (var level = 0; level < Levels; level++)
        {
            var end = (int)((long)(level + 1) * inside.Length / Levels);
            var bins = inside[start..end];
            var even = Sum(bins) / Math.Max(1, bins.Length - bins.Count(0.0));
            for (var i = start; i < end; i++)
            {
                var clipped = Clipped(i, inside[i]) / total;
                if (clipped > 0)
                {
                    var quantized = ((1 - Smoothing) * (inside[i] > 0 ? even / kept : 0)) + (Smoothing / used);
                    sum += clipped * Math.Log(clipped / quantized);
                }
            }

            start = end;
        }

        return sum;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
