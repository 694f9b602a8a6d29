namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>The levels that the bytes of a weight share.</summary>
/// <param name="Sets">One for each group of channels.</param>
/// <param name="GroupChannels">How many output channels make a group.</param>
internal sealed record LevelSets(LevelSet[] Sets, int GroupChannels)
{
    /// <summary>The levels of a channel.</summary>
    public LevelSet Of(int channel) => Sets[channel / GroupChannels];

    /// <summary>Rounds to the nearest levels.</summary>
    /// <param name="values">Weights of channels that lie one behind the other, again and again.</param>
    /// <param name="block">Which channels they are of.</param>
    /// <param name="scales">One for each of these, positive.</param>
    /// <param name="levels">Gets as many levels.</param>
    public void Round(ReadOnlySpan<float> values, ChannelBlock block, ReadOnlySpan<float> scales, Span<sbyte> levels)
    {
        for (var start = 0; start < values.Length; start += block.Inner)
        {
            var channel = start / block.Inner % block.Channels;
            var (set, scale) = (Of(block.FirstChannel + channel), (double)scales[channel]);
            for (var i = start; i < start + block.Inner; i++)
            {
                levels[i] = (sbyte)set.Nearest(values[i] / scale);
            }
        }
    }

    /// <summary>Rounds pairs of weights to levels within a bound.</summary>
    /// <param name="first">The first of each pair.</param>
    /// <param name="second">The second.</param>
    /// <param name="channels">The channel of each pair.</param>
    /// <param name="scales">One for each channel, positive.</param>
    /// <param name="limit">The largest |q0 + q1|.</param>
    /// <param name="firstLevels">Gets the levels of the first.</param>
    /// <param name="secondLevels">Gets those of the second.</param>
    public void RoundPairs(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Func<int, int> channels, float[] scales, int limit, Span<sbyte> firstLevels, Span<sbyte> secondLevels)
    {
        for (var i = 0; i < first.Length; i++)
        {
            var channel = channels(i);
            var (level, other) = Of(channel).NearestPair(first[i] / (double)scales[channel], second[i] / (double)scales[channel], limit);
            (firstLevels[i], secondLevels[i]) = ((sbyte)level, (sbyte)other);
        }
    }
}
