using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What is known about one value after the samples so far.</summary>
/// <param name="method">How its range will be told.</param>
/// <param name="meanAxis">The axis of its channels where their means are wanted; −1 is the last dimension.</param>
internal sealed class RangeObservation(CalibrationMethod method, int? meanAxis = null)
{
    /// <summary>256 KB: a value is read once from memory and then from the second-level cache. Half as many values would spend a fifth of the time on the copies of the histogram.</summary>
    private const int BlockLength = 1 << 16;

    private const int NoRank = -1;

    private readonly StreamedHistogram? histogram = method == CalibrationMethod.MinMax ? null : new();
    private readonly MeanObservation? means = meanAxis is { } axis ? new(axis) : null;
    private ValueRange? observed;
    private int? rank;
    private bool wasNotFinite;

    /// <summary>The range by the method over all samples; null where the value never had an element or was not always finite.</summary>
    public ValueRange? Range => wasNotFinite || observed is not { } range ? null : CalibratedRange.Of(method, range, histogram);

    /// <summary>The number of its dimensions; null where it differed between samples or there was none.</summary>
    public int? Rank => rank == NoRank ? null : rank;

    /// <summary>The mean of each channel over all samples; null where it is not wanted or not known.</summary>
    public float[]? Means => means?.Means;

    /// <summary>Whether the value was finite in the sample included last.</summary>
    public bool IsFinite { get; private set; } = true;

    /// <summary>Includes the value's elements in one sample.</summary>
    public void Include(ReadOnlySpan<float> values, ReadOnlySpan<long> shape)
    {
        rank = rank is null || rank == shape.Length ? shape.Length : NoRank;
        means?.Include(values, shape);
        Include(values);
    }

    /// <inheritdoc cref="Include(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public void Include(ReadOnlySpan<float> values)
    {
        IsFinite = true;
        for (; !values.IsEmpty; values = values[Math.Min(BlockLength, values.Length)..])
        {
            IncludeBlock(values[..Math.Min(BlockLength, values.Length)]);
        }
    }

    private void IncludeBlock(ReadOnlySpan<float> block)
    {
        var (minimum, maximum, allFinite) = MinMax.Of(block);
        IsFinite &= allFinite;
        wasNotFinite |= !allFinite;
        if (!wasNotFinite)
        {
            observed = observed is { } known ? new ValueRange(Math.Min(known.Minimum, minimum), Math.Max(known.Maximum, maximum)) : new ValueRange(minimum, maximum);
            histogram?.Add(block, minimum, maximum);
        }
    }
}
