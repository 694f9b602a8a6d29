namespace ModelBuildTasks.Compression.Calibration;

/// <summary>The range of one activation by each method.</summary>
internal static class CalibratedRange
{
    /// <summary>What clipping must gain over the observed range, in dB of expected squared error, before auto clips: see docs/techniques/calibration.md.</summary>
    public const double LeastGainInDecibels = 1;

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

    private static ValueRange Auto(ValueRange observed, StreamedHistogram histogram)
    {
        var error = new QuantizationError(histogram);
        var clipped = MseRange.Of(histogram, error);
        var gain = 10 * Math.Log10(error.SumOfSquares(histogram.Minimum, histogram.Maximum) / error.SumOfSquares(clipped.Minimum, clipped.Maximum));
        return gain >= LeastGainInDecibels ? clipped : observed;
    }
}
