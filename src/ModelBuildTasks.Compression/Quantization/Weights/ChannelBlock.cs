namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A part of a weight that is itself seen as [outer, channels, inner].</summary>
/// <param name="Start">Its first element.</param>
/// <param name="Outer">How often its channels come again.</param>
/// <param name="FirstChannel">The weight's channel that is the first one here.</param>
/// <param name="Channels">How many channels of the weight it has.</param>
/// <param name="Inner">The elements of a channel, one after the other.</param>
internal readonly record struct ChannelBlock(long Start, int Outer, int FirstChannel, int Channels, int Inner)
{
    public int Length => Outer * Channels * Inner;

    /// <summary>Its runs of elements whose channels are of one group, in order.</summary>
    /// <param name="groupChannels">How many channels of the weight make a group.</param>
    /// <returns>Where each run starts in the part, its length and its group.</returns>
    public IEnumerable<(int Start, int Length, int Group)> Runs(int groupChannels)
    {
        if (FirstChannel / groupChannels == (FirstChannel + Channels - 1) / groupChannels)
        {
            yield return (0, Length, FirstChannel / groupChannels);
            yield break;
        }

        var start = 0;
        for (var outer = 0; outer < Outer; outer++)
        {
            for (var channel = FirstChannel; channel < FirstChannel + Channels;)
            {
                var group = channel / groupChannels;
                var length = (Math.Min((group + 1) * groupChannels, FirstChannel + Channels) - channel) * Inner;
                yield return (start, length, group);
                start += length;
                channel += length / Inner;
            }
        }
    }
}
