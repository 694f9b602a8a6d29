using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What is known about one value after the samples so far.</summary>
internal sealed class RangeObservation
{
    private ValueRange? _range;
    private bool _wasNotFinite;

    /// <summary>The range over all samples; null where the value never had an element or was not always finite.</summary>
    public ValueRange? Range => _wasNotFinite ? null : _range;

    /// <summary>Whether the value was finite in the sample included last.</summary>
    public bool IsFinite { get; private set; } = true;

    public void Include(ReadOnlySpan<float> values)
    {
        var (minimum, maximum, allFinite) = MinMax.Of(values);
        IsFinite = allFinite;
        _wasNotFinite |= !allFinite;
        if (allFinite && !values.IsEmpty)
        {
            _range = _range is { } range ? new ValueRange(Math.Min(range.Minimum, minimum), Math.Max(range.Maximum, maximum)) : new ValueRange(minimum, maximum);
        }
    }
}
