namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How many elements each weight of a model may lose.</summary>
internal static class PruningLimits
{
    /// <summary>Where the first or the last layer holds a larger share of the weights, the others could not make up for it.</summary>
    private const double LargestEnd = 0.1;

    /// <summary>Of what stays of a model, each layer keeps this share at least of what would be its own.</summary>
    private const double LeastKept = 0.2;

    /// <summary>
    /// The first and the last layer lose at most half of the share that is asked for, unless they hold much of the model: the one makes all that the others see, the other has nothing behind it that would forgive. No layer loses so much
    /// that less than a fifth of its share of what stays is left. Where not enough may go then, all may lose what is asked for and more.
    /// </summary>
    /// <param name="counts">The elements of each weight, in the order in which layers run.</param>
    /// <param name="isEnd">Whether it is the first or the last layer's.</param>
    /// <param name="sparsity">The share that is asked for.</param>
    /// <param name="total">How many go in all.</param>
    public static long[] Of(IReadOnlyList<long> counts, IReadOnlyList<bool> isEnd, double sparsity, long total)
    {
        var all = counts.Sum();
        long[] most = [.. counts.Select((count, index) => (long)(count * (isEnd[index] && count <= LargestEnd * all ? sparsity / 2 : 1 - ((1 - sparsity) * LeastKept))))];
        return most.Sum() >= total ? most : [.. counts];
    }
}
