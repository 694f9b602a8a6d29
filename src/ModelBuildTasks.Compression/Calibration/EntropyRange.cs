namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// The threshold whose 8-bit form keeps the most information: the least Kullback-Leibler divergence between the values clipped at ±threshold and their quantized form (Migacz 2017, 8-bit inference
/// with TensorRT). The range is what ±threshold and the observed range share.
/// </summary>
internal sealed class EntropyRange
{
    private const int Levels = 256;
    private const int Candidates = 256;

    // What the quantized form is mixed with, evenly over the bins that the clipped form uses, so that no divergence is infinite: a clipped value may lie in a bin where none was before.
    private const double Smoothing = 1e-4;

    // Sums over all bins before one, so that those over any bins are a difference: of the counts c, of c log c, and of the bins that have counts.
    private readonly double[] counts = new double[StreamedHistogram.Bins];
    private readonly double[] sums = new double[StreamedHistogram.Bins + 1];
    private readonly double[] logs = new double[StreamedHistogram.Bins + 1];
    private readonly int[] used = new int[StreamedHistogram.Bins + 1];

    private EntropyRange(StreamedHistogram histogram)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = histogram.NonZeros(i);
            sums[i + 1] = sums[i] + counts[i];
            logs[i + 1] = logs[i] + EntropyTerm(counts[i]);
            used[i + 1] = used[i] + (counts[i] > 0 ? 1 : 0);
        }
    }

    /// <summary>The range; the observed one where no narrower one is better, or where there are no more bins than levels. Values that are exactly zero do not count: every form has them.</summary>
    public static ValueRange Of(StreamedHistogram histogram)
    {
        var entropy = new EntropyRange(histogram);
        var first = 0;
        var end = entropy.counts.AsSpan().LastIndexOfAnyExcept(0.0) + 1;
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

            var divergence = entropy.Divergence(from, to);
            if (divergence < least)
            {
                (bestFirst, bestEnd, least) = (from, to, divergence);
            }
        }

        return new ValueRange(
            bestFirst == first ? histogram.Minimum : (float)((histogram.Origin + bestFirst) * histogram.Width),
            bestEnd == end ? histogram.Maximum : (float)((histogram.Origin + bestEnd) * histogram.Width));
    }

    private static double EntropyTerm(double count) => count > 0 ? count * Math.Log(count) : 0;

    /// <summary>Σ p log (p / q) over the bins from one to before another: p with what is clipped in the first and the last of them, q without it.</summary>
    private double Divergence(int from, int to)
    {
        double below = sums[from], kept = sums[to] - sums[from], above = sums[^1] - sums[to], total = sums[^1];
        if (kept == 0)
        {
            return double.PositiveInfinity;
        }

        // All sums are in counts: p is a count divided by the total.
        var (firstCount, lastCount) = (counts[from] + below, counts[to - 1] + above);
        var ownTerms = logs[to] - logs[from] - EntropyTerm(counts[from]) - EntropyTerm(counts[to - 1]) + EntropyTerm(firstCount) + EntropyTerm(lastCount);
        var (firstIsEmpty, lastIsEmpty) = (counts[from] == 0 && below > 0, counts[to - 1] == 0 && above > 0);
        var even = Smoothing / (used[to] - used[from] + (firstIsEmpty ? 1 : 0) + (lastIsEmpty ? 1 : 0));
        var crossTerms = (firstIsEmpty ? below * Math.Log(even) : 0) + (lastIsEmpty ? above * Math.Log(even) : 0);
        var start = from;
        for (var level = 0; level < Levels; level++)
        {
            var end = from + (int)((long)(level + 1) * (to - from) / Levels);
            var inLevel = sums[end] - sums[start];
            if (inLevel > 0)
            {
                var quantized = ((1 - Smoothing) * inLevel / (used[end] - used[start]) / kept) + even;
                var clipped = (level == 0 && !firstIsEmpty ? below : 0) + (level == Levels - 1 && !lastIsEmpty ? above : 0);
                crossTerms += (inLevel + clipped) * Math.Log(quantized);
            }

            start = end;
        }

        return ((ownTerms - crossTerms) / total) - Math.Log(total);
    }
}
