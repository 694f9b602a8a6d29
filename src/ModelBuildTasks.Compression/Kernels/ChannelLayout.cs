namespace ModelBuildTasks.Compression.Kernels;

/// <summary>A tensor as [outer, channels, inner]: the channel axis and the products of the dimensions around it.</summary>
internal static class ChannelLayout
{
    /// <exception cref="ArgumentException">A dimension is negative, or their product is not <paramref name="length"/>.</exception>
    public static void Check(int length, int outer, int channels, int inner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(outer);
        ArgumentOutOfRangeException.ThrowIfNegative(channels);
        ArgumentOutOfRangeException.ThrowIfNegative(inner);
        if ((Int128)outer * channels * inner != length)
        {
            throw new ArgumentException($"{length} values do not make a tensor [{outer}, {channels}, {inner}].", nameof(length));
        }
    }
}
