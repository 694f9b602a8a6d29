namespace ModelBuildTasks.Compression.Simplification;

/// <summary>What a chain of products and sums with constants computes: scale · x + shift, with one number for all channels or one for each. In doubles, so that a chain is rounded once.</summary>
/// <param name="Scale">One number or one for each channel.</param>
/// <param name="Shift">One number or one for each channel.</param>
internal sealed record ChannelAffine(double[] Scale, double[] Shift)
{
    public static ChannelAffine Identity { get; } = new([1], [0]);

    /// <summary>Whether nothing is added.</summary>
    public bool IsScale => Array.TrueForAll(Shift, shift => shift == 0);

    /// <summary>The number of channels that are told apart; 1 where all are alike.</summary>
    public int Channels => Math.Max(Scale.Length, Shift.Length);

    public double ScaleOf(long channel) => Scale[Scale.Length == 1 ? 0 : channel];

    public double ShiftOf(long channel) => Shift[Shift.Length == 1 ? 0 : channel];

    /// <summary>This one first, and the next one with its result.</summary>
    public ChannelAffine Then(ChannelAffine next)
    {
        var scale = Enumerable.Range(0, Math.Max(Scale.Length, next.Scale.Length)).Select(channel => ScaleOf(channel) * next.ScaleOf(channel));
        var shift = Enumerable.Range(0, Math.Max(Math.Max(Shift.Length, next.Scale.Length), next.Shift.Length)).Select(channel => (ShiftOf(channel) * next.ScaleOf(channel)) + next.ShiftOf(channel));
        return new([.. scale], [.. shift]);
    }
}
