using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What is known about one value after the samples so far.</summary>
/// <param name="method">How its range will be told.</param>
internal sealed class RangeObservation(CalibrationMethod method)
{
    private readonly StreamedHistogram? histogram = method == CalibrationMethod.MinMax ? null : new();
    private ValueRange? observed;
    private bool wasNotFinite;

    /// <summary>The range by the method over all samples; null where the value never had an element or was not always finite.</summary>
    public ValueRange? Range => wasNotFinite || observed is not { } range ? null : CalibratedRange.Of(method, range, histogram);

    /// <summary>Whether the value was finite in the sample included last.</summary>
    public bool IsFinite { get; private set; } = true;

    public void Include(ReadOnlySpan<float> values)
    {
        var (minimum, maximum, allFinite) = MinMax.Of(values);
        IsFinite = allFinite;
        wasNotFinite |= !allFinite;
        if (!wasNotFinite && !values.IsEmpty)
        {
            observed = observed is { } known ? new ValueRange(Math.Min(known.Minimum, minimum), Math.Max(known.Maximum, maximum)) : new ValueRange(minimum, maximum);
            histogram?.Add(values, minimum, maximum);
        }
    }
}
