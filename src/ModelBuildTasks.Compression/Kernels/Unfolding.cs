namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Windows over channels become rows (im2col, position by position), so that a convolution is a product of matrices.</summary>
internal static class Unfolding
{
    // So many channels are read for one row after the other: the lines of the cache that hold a row's neighbours are still there for the next row.
    private const int ChannelTile = 8;

    /// <summary>Writes rows of all channels: what a window covers of the first channel, then of the second, and so on.</summary>
    /// <param name="values">The first channel, and those behind it at equal distances.</param>
    /// <param name="channels">How many channels a window covers.</param>
    /// <param name="distance">From the beginning of a channel to that of the next, in values.</param>
    /// <param name="indices">[rows, taps]: where the values of each window lie, counted from the beginning of a channel. An index outside of the values, such as −1, gives 0.</param>
    /// <param name="taps">The values that a window covers of each channel.</param>
    /// <param name="rows">[rows, channels · taps].</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or not all channels begin among the values.</exception>
    public static void Of(ReadOnlySpan<float> values, int channels, int distance, ReadOnlySpan<int> indices, int taps, Span<float> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channels);
        ArgumentOutOfRangeException.ThrowIfNegative(distance);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(taps);
        if (indices.Length % taps != 0 || (long)indices.Length * channels != rows.Length)
        {
            throw new ArgumentException($"{indices.Length} indices of {taps} taps do not make {rows.Length} values of {channels} channels.", nameof(rows));
        }

        if (((long)channels - 1) * distance > values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not hold {channels} channels at a distance of {distance}.", nameof(values));
        }

        var width = channels * taps;
        for (var first = 0; first < channels; first += ChannelTile)
        {
            var end = Math.Min(channels, first + ChannelTile);
            for (var row = 0; row < indices.Length / taps; row++)
            {
                var target = rows.Slice((row * width) + (first * taps), (end - first) * taps);
                if (taps == 1)
                {
                    Gather(values, first, distance, indices[row], target);
                }
                else
                {
                    Gather(values, first, distance, indices.Slice(row * taps, taps), target);
                }
            }
        }
    }

    private static void Gather(ReadOnlySpan<float> values, int first, int distance, int index, Span<float> target)
    {
        for (var channel = 0; channel < target.Length; channel++)
        {
            var place = ((first + channel) * distance) + index;
            target[channel] = index >= 0 && (uint)place < (uint)values.Length ? values[place] : 0;
        }
    }

    private static void Gather(ReadOnlySpan<float> values, int first, int distance, ReadOnlySpan<int> indices, Span<float> target)
    {
        for (var channel = first; !target.IsEmpty; channel++)
        {
            var source = values[(channel * distance)..];
            var window = target[..indices.Length];
            for (var tap = 0; tap < indices.Length; tap++)
            {
                var index = indices[tap];
                window[tap] = (uint)index < (uint)source.Length ? source[index] : 0;
            }

            target = target[indices.Length..];
        }
    }
}
