using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What is known about one value after the samples so far.</summary>
internal sealed class RangeObservation
{
    private ValueRange? range;
    private bool wasNotFinite;

    /// <summary>The range over all samples; null where the value never had an element or was not always finite.</summary>
    public ValueRange? Range => wasNotFinite ? null : range;

    /// <summary>Whether the value was finite in the sample included last.</summary>
    public bool IsFinite { get; private set; } = true;

    public void Include(ReadOnlySpan<float> values)
    {
        var (minimum, maximum, allFinite) = MinMax.Of(values);
        IsFinite = allFinite;
        wasNotFinite |= !allFinite;
        if (allFinite && !values.IsEmpty)
        {
            range = range is { } known ? new ValueRange(Math.Min(known.Minimum, minimum), Math.Max(known.Maximum, maximum)) : new ValueRange(minimum, maximum);
        }
    }
}
