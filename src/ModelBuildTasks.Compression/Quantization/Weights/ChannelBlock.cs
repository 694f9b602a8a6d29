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
}
