namespace ModelBuildTasks.Compression.Tests.Emulation;

/// <summary>Pairs of products in a sum, one for each output channel of a layer that is probed: the pair's weights are <see cref="Weight"/>, all others 0, so that with activations of 255 its sum is <see cref="Sum"/>.</summary>
internal sealed record ProbedPairs(params (int First, int Second)[] Pairs)
{
    public const sbyte Weight = 127;

    /// <summary>Both products in 32 bits. Added in 16 bits they are 32,767.</summary>
    public const int Sum = 2 * 255 * Weight;

    /// <summary>Of the exact sum: between 1 and 0.506, the share that saturation leaves.</summary>
    private const float LeastShareOfExact = 0.75f;

    public int Count => Pairs.Length;

    /// <summary>Every two of so many products.</summary>
    public static ProbedPairs All(int products) => new([.. from first in Enumerable.Range(0, products) from second in Enumerable.Range(first + 1, products - first - 1) select (first, second)]);

    /// <summary>Every product with the next one.</summary>
    public static ProbedPairs Neighbours(int products) => new([.. Enumerable.Range(0, products - 1).Select(first => (first, first + 1))]);

    /// <summary>The pair of a channel; where there are more channels than pairs, they come again.</summary>
    public (int First, int Second) Of(int channel) => Pairs[channel % Count];

    /// <summary>Which pairs were added in 16 bits.</summary>
    /// <param name="shares">Outputs as shares of the exact ones.</param>
    /// <param name="channels">How many channels they are of.</param>
    /// <param name="positions">How many outputs of a channel follow each other.</param>
    public IReadOnlyList<(int First, int Second)> Saturated(IReadOnlyList<float> shares, int channels, int positions) =>
        [.. Enumerable.Range(0, shares.Count).Where(index => shares[index] < LeastShareOfExact).Select(index => Of(index / positions % channels)).Distinct().Order()];
}
