namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// The threshold whose 8-bit form keeps the most information: the least Kullback-Leibler divergence between the values clipped at ±threshold and their quantized form (Migacz 2017, 8-bit inference
/// with TensorRT). The range is what ±threshold and the observed range share.
/// </summary>
/// <remarks>
/// Two things are not in the publication, and without them the method clips most of what matters. A value that is often the same (what a layer makes of an even background) is a peak in one bin; the method spreads
/// the counts of a level over its bins and would take the peak for lost, so that the narrowest threshold wins. Peaks are lowered to about what is around them, as they are one value in any form. And the divergence tells
/// how many values are clipped but not by how much: a threshold that costs more squared error than clipping nothing is no candidate.
/// </remarks>
internal sealed class EntropyRange
{
    private const int Levels = 256;
    private const int Candidates = 256;

    // What the quantized form is mixed with, evenly over the bins that the clipped form uses, so that no divergence is infinite: a clipped value may lie in a bin where none was before.
    private const double Smoothing = 1e-4;

    // A peak stands out from the mean of this many bins on each side by more than this factor.
    private const int Neighbours = 4;
    private const double Peak = 2;

    // Sums over all bins before one, so that those over any bins are a difference: of the counts c, of c log c, and of the bins that have counts.
    private readonly double[] counts = new double[StreamedHistogram.Bins];
    private readonly double[] sums = new double[StreamedHistogram.Bins + 1];
    private readonly double[] logs = new double[StreamedHistogram.Bins + 1];
    private readonly int[] used = new int[StreamedHistogram.Bins + 1];

    private EntropyRange(StreamedHistogram histogram)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = WithoutPeak(histogram, i);
            sums[i + 1] = sums[i] + counts[i];
            logs[i + 1] = logs[i] + EntropyTerm(counts[i]);
            used[i + 1] = used[i] + (counts[i] > 0 ? 1 : 0);
        }
    }

    /// <summary>The range; the observed one where no narrower one is better, or where there are no more bins than levels. Values that are exactly zero do not count: every form has them.</summary>
    public static ValueRange Of(StreamedHistogram histogram)
    {
        var entropy = new EntropyRange(histogram);
        var error = new QuantizationError(histogram);
        var tolerated = error.SumOfSquares(histogram.Minimum, histogram.Maximum);
        var first = 0;
        var end = entropy.counts.AsSpan().LastIndexOfAnyExcept(0.0) + 1;
        var zero = -histogram.Origin;
        var greatest = Math.Max(zero, end - zero);
        var stride = Math.Max(1, greatest / Candidates);
        var (best, least) = (new ValueRange(histogram.Minimum, histogram.Maximum), double.PositiveInfinity);
        for (var threshold = greatest; threshold > 0; threshold -= stride)
        {
            var (from, to) = (Math.Max(first, zero - threshold), Math.Min(end, zero + threshold));
            if (to - from <= Levels)
            {
                break;
            }

            var range = new ValueRange(
                from == first ? histogram.Minimum : (float)((histogram.Origin + from) * histogram.Width),
                to == end ? histogram.Maximum : (float)((histogram.Origin + to) * histogram.Width));
            // The cheaper question first.
            if (error.SumOfSquares(range.Minimum, range.Maximum) <= tolerated && entropy.Divergence(from, to) is var divergence && divergence < least)
            {
                (best, least) = (range, divergence);
            }
        }

        return best;
    }

    private static double WithoutPeak(StreamedHistogram histogram, int bin)
    {
        var (first, last) = (Math.Max(0, bin - Neighbours), Math.Min(StreamedHistogram.Bins - 1, bin + Neighbours));
        var around = -histogram.NonZeros(bin);
        for (var i = first; i <= last; i++)
        {
            around += histogram.NonZeros(i);
        }

        // One count stays: something was there.
        return Math.Min(histogram.NonZeros(bin), Math.Max(1, Peak * around / (last - first)));
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
