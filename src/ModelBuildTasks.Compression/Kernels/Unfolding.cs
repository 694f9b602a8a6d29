using System.Runtime.CompilerServices;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Windows over channels become rows (im2col, position by position), so that a convolution is a product of matrices.</summary>
internal static class Unfolding
{
    // Sixteen floats are a line of the cache: as many neighbouring rows read it whole, and as many channels write it whole.
    private const int Tile = 16;

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

        if (channels <= 1)
        {
            // The rows are one window.
            Gather(values, 0, distance, indices, rows);
        }
        else if (taps == 1)
        {
            Turn(values, channels, distance, indices, rows);
        }
        else
        {
            Gather(values, channels, distance, indices, taps, rows);
        }
    }

    /// <summary>Windows of several taps: those of a tile of channels, row by row.</summary>
    private static void Gather(ReadOnlySpan<float> values, int channels, int distance, ReadOnlySpan<int> indices, int taps, Span<float> rows)
    {
        for (var start = 0; start < indices.Length; start += Tile * taps)
        {
            var tile = indices[start..Math.Min(indices.Length, start + (Tile * taps))];
            for (var first = 0; first < channels; first += Tile)
            {
                var length = Math.Min(Tile, channels - first) * taps;
                for (var row = 0; row < tile.Length; row += taps)
                {
                    Gather(values, first, distance, tile.Slice(row, taps), rows.Slice(((start + row) * channels) + (first * taps), length));
                }
            }
        }
    }

    /// <summary>Writes one window of some channels, from the first of them on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>Windows of one tap. Tiles are turned aside: channels at a distance of a multiple of 4096 bytes, and such rows, share a set of the cache, which holds only a few of their lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(ReadOnlySpan<float> values, int channels, int distance, ReadOnlySpan<int> indices, Span<float> rows)
    {
        Span<float> tile = stackalloc float[Tile * Tile];
        for (var firstRow = 0; firstRow < indices.Length; firstRow += Tile)
        {
            var places = indices[firstRow..Math.Min(indices.Length, firstRow + Tile)];
            for (var first = 0; first < channels; first += Tile)
            {
                var count = Math.Min(Tile, channels - first);
                for (var channel = 0; channel < count; channel++)
                {
                    var source = values[((first + channel) * distance)..];
                    for (var row = 0; row < places.Length; row++)
                    {
                        var index = places[row];
                        tile[(row * Tile) + channel] = (uint)index < (uint)source.Length ? source[index] : 0;
                    }
                }

                for (var row = 0; row < places.Length; row++)
                {
                    tile.Slice(row * Tile, count).CopyTo(rows[(((firstRow + row) * channels) + first)..]);
                }
            }
        }
    }
}
