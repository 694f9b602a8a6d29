namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The range of one activation by each method.</summary>
internal static class CalibratedRange
{
    // See docs/techniques/calibration.md.
    private const double ToleranceInDecibels = 0.5;
    private const int Fractions = 64;

    /// <summary>The range of values by a method. All but the observed range (min-max, and auto where it clips nothing) hold zero.</summary>
    /// <param name="method">The method.</param>
    /// <param name="observed">The least and the greatest value.</param>
    /// <param name="histogram">The values; not needed for min-max.</param>
    public static ValueRange Of(CalibrationMethod method, ValueRange observed, StreamedHistogram? histogram)
    {
        if (histogram is null || histogram.IsTooWide || histogram.Minimum == histogram.Maximum)
        {
            return observed;
        }

        return method switch
        {
            CalibrationMethod.Percentile => PercentileRange.Of(histogram),
            CalibrationMethod.Entropy => EntropyRange.Of(histogram),
            CalibrationMethod.Mse => MseRange.Of(histogram, new QuantizationError(histogram)),
            CalibrationMethod.Auto => Auto(observed, histogram),
            _ => observed,
        };
    }

    /// <summary>The widest range, on the way from the one of least error to the observed one, that costs little more than the least error.</summary>
    private static ValueRange Auto(ValueRange observed, StreamedHistogram histogram)
    {
        var error = new QuantizationError(histogram);
        var least = MseRange.Of(histogram, error);
        var tolerated = error.SumOfSquares(least.Minimum, least.Maximum) * Math.Pow(10, ToleranceInDecibels / 10);
        if (error.SumOfSquares(histogram.Minimum, histogram.Maximum) <= tolerated)
        {
            return observed;
        }

        for (var i = Fractions - 1; i > 0; i--)
        {
            var fraction = (float)i / Fractions;
            var wider = new ValueRange(least.Minimum + ((histogram.Minimum - least.Minimum) * fraction), least.Maximum + ((histogram.Maximum - least.Maximum) * fraction));
            if (error.SumOfSquares(wider.Minimum, wider.Maximum) <= tolerated)
            {
                return wider;
            }
        }

        return least;
    }
}
