namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>How many channels of each group stay, so that the asked share of multiply-adds goes and the outputs lose least.</summary>
internal static class ChannelBudget
{
    /// <summary>A group keeps at least so much of its channels.</summary>
    private const int LeastShare = 16;

    /// <summary>How many channels of a group stay at least.</summary>
    public static int Least(ChannelGroup group) => (group.Channels.Length + LeastShare - 1) / LeastShare;

    /// <summary>Numbers of channels that may stay, the fewest last: all of them, whole blocks, and halves of the last one.</summary>
    public static IReadOnlyList<int> Steps(ChannelGroup group)
    {
        var (count, least) = (group.Channels.Length, Least(group));
        var steps = new List<int> { count };
        for (var kept = (count - 1) / group.Unit * group.Unit; kept >= least && kept > 0; kept = kept > group.Unit ? kept - group.Unit : kept / 2)
        {
            steps.Add(kept);
        }

        return steps;
    }

    /// <summary>Chooses greedily: always the step whose noise is least for the multiply-adds that it saves. Where a step is dear and the one behind it is cheap, both are one.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="products">Their multiply-adds.</param>
    /// <param name="noises">The noise that is expected at the outputs where so many channels of a group stay; the last step of all that is taken is told by it.</param>
    /// <param name="sparsity">The share of the multiply-adds that goes.</param>
    /// <returns>How many channels of each group stay.</returns>
    public static int[] Choose(IReadOnlyList<ChannelGroup> groups, ChannelProducts products, Func<int, int, double> noises, double sparsity)
    {
        var steps = groups.Select(Steps).ToArray();
        int[] kept = [.. groups.Select(group => group.Channels.Length)];
        var target = products.Of(kept) * (1 - sparsity);
        for (var now = products.Of(kept); now > target;)
        {
            var (best, next, price, least) = (-1, 0, double.PositiveInfinity, now);
            for (var group = 0; group < groups.Count; group++)
            {
                var current = kept[group];
                foreach (var step in steps[group].Where(step => step < current))
                {
                    kept[group] = step;
                    var left = products.Of(kept);
                    // What goes beyond the target is worth nothing.
                    var own = (noises(group, step) - noises(group, current)) / (now - Math.Max(left, target));
                    if (left < now && own < price)
                    {
                        (best, next, price, least) = (group, step, own, left);
                    }
                }

                kept[group] = current;
            }

            if (best < 0)
            {
                break;
            }

            (kept[best], now) = (next, least);
        }

        return kept;
    }
}
