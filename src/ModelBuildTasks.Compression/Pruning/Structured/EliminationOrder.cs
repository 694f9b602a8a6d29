namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>The order in which channels of a group go, those that cost least first, and what it costs.</summary>
/// <param name="Channels">The channels that may go, in this order; the others stay in any case.</param>
/// <param name="Errors">What it costs that so many of them are gone, from none on: noise ÷ signal of what the group's readers give, summed over these. It never falls.</param>
internal sealed record EliminationOrder(int[] Channels, double[] Errors)
{
    /// <summary>A share of a group's channels that go at a time, before costs are told anew.</summary>
    private const int Steps = 32;

    /// <summary>Finds an order, greedily.</summary>
    /// <param name="channels">All channels of the group.</param>
    /// <param name="most">How many may go.</param>
    /// <param name="layers">What they are taken from.</param>
    /// <param name="shares">What else each of them costs, whichever others are gone.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static EliminationOrder Of(IReadOnlyList<int> channels, int most, IReadOnlyList<EliminatedLayer> layers, IReadOnlyDictionary<int, double> shares, CancellationToken cancellationToken)
    {
        var (left, gone, errors) = (channels.ToList(), new List<int>(), new List<double> { 0 });
        var signals = layers.Select(layer => layer.Signal > 0 ? layer.Signal : 1).ToArray();
        while (gone.Count < most)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var costs = new double[left.Count];
            Parallel.For(0, left.Count, new ParallelOptions { CancellationToken = cancellationToken }, index => costs[index] = shares[left[index]] + layers.Select((layer, each) => layer.Cost(left[index]) / signals[each]).Sum());
            var count = Math.Min(Math.Max(1, channels.Count / Steps), most - gone.Count);
            int[] chosen = [.. Enumerable.Range(0, left.Count).OrderBy(index => costs[index]).Take(count).Select(index => left[index])];
            var error = layers.Select((layer, each) => layer.Eliminate(chosen) / signals[each]).Sum() + chosen.Sum(channel => shares[channel]);
            for (var index = 0; index < chosen.Length; index++)
            {
                errors.Add(errors[gone.Count] + (Math.Max(0, error) * (index + 1) / chosen.Length));
            }

            // All of them at once: those in between lie on the line.
            gone.AddRange(chosen);
            left.RemoveAll(chosen.Contains);
        }

        return new([.. gone], [.. errors]);
    }
}
