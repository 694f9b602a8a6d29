namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// The range whose 8-bit form has the least expected squared error: clipping against rounding (Banner et al. 2019, Post training 4-bit quantization of convolutional networks for rapid-deployment;
/// the error is computed from the histogram instead of an assumed distribution).
/// </summary>
internal static class MseRange
{
    private const int Fractions = 64;
    private const int Refinements = 8;

    // Ends move little after the second round.
    private const int Rounds = 2;

    /// <summary>The range; its error is never above that of the observed range.</summary>
    public static ValueRange Of(StreamedHistogram histogram, QuantizationError error)
    {
        var best = new Candidate(histogram.Minimum, histogram.Maximum, error.SumOfSquares(histogram.Minimum, histogram.Maximum));

        // Both ends together first: where both have outliers, moving one end alone gains little.
        for (var i = 1; i < Fractions; i++)
        {
            var fraction = (double)i / Fractions;
            best = Better(error, best, fraction * histogram.Minimum, fraction * histogram.Maximum);
        }

        for (var round = 0; round < Rounds; round++)
        {
            best = MoveMaximum(error, best, 0, histogram.Maximum, Fractions);
            best = MoveMinimum(error, best, histogram.Minimum, 0, Fractions);
        }

        var step = (double)histogram.Maximum / Fractions;
        best = MoveMaximum(error, best, Math.Max(best.Maximum - step, 0), Math.Min(best.Maximum + step, histogram.Maximum), 2 * Refinements);
        step = (double)histogram.Minimum / Fractions;
        best = MoveMinimum(error, best, Math.Max(best.Minimum + step, histogram.Minimum), Math.Min(best.Minimum - step, 0), 2 * Refinements);
        return new ValueRange((float)best.Minimum, (float)best.Maximum);
    }

    private static Candidate MoveMaximum(QuantizationError error, Candidate best, double from, double to, int steps)
    {
        for (var i = 0; i <= steps && from < to; i++)
        {
            best = Better(error, best, best.Minimum, from + ((to - from) * i / steps));
        }

        return best;
    }

    private static Candidate MoveMinimum(QuantizationError error, Candidate best, double from, double to, int steps)
    {
        for (var i = 0; i <= steps && from < to; i++)
        {
            best = Better(error, best, from + ((to - from) * i / steps), best.Maximum);
        }

        return best;
    }

    private static Candidate Better(QuantizationError error, Candidate best, double minimum, double maximum)
    {
        if (minimum >= maximum || (minimum == best.Minimum && maximum == best.Maximum))
        {
            return best;
        }

        var sum = error.SumOfSquares(minimum, maximum);
        return sum < best.Error ? new Candidate(minimum, maximum, sum) : best;
    }

    private readonly record struct Candidate(double Minimum, double Maximum, double Error);
}
