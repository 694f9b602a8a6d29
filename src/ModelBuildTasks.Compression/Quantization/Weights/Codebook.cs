namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>The values that the weights of a tensor share.</summary>
/// <param name="Values">[groups × count], ascending in each group; the largest one comes again where a group has fewer.</param>
/// <param name="Count">How many values a group has: 1 to 256.</param>
/// <param name="GroupChannels">How many output channels make a group.</param>
internal sealed record Codebook(float[] Values, int Count, int GroupChannels)
{
    /// <summary>How many groups there are.</summary>
    public int Groups => Values.Length / Count;

    /// <summary>The values of a group.</summary>
    public ReadOnlySpan<float> OfGroup(int group) => Values.AsSpan(group * Count, Count);

    /// <summary>The values of a group, each once.</summary>
    public ReadOnlySpan<float> Distinct(int group)
    {
        var values = OfGroup(group);
        return values[..(values.IndexOf(values[^1]) + 1)];
    }
}
