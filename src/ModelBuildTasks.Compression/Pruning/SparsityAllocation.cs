using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How many weights each tensor loses: those of least cost of all, as far as no tensor loses more than it may.</summary>
internal static class SparsityAllocation
{
    /// <summary>How many weights each tensor loses, in all as many as are asked for.</summary>
    /// <param name="costs">What each weight of each tensor costs, comparable between them.</param>
    /// <param name="most">How many each may lose.</param>
    /// <param name="total">How many go in all; where that is more than may go, all of those.</param>
    public static long[] Of(IReadOnlyList<WeightCosts> costs, IReadOnlyList<long> most, long total)
    {
        var counts = new long[costs.Count];
        var open = Enumerable.Range(0, costs.Count).ToList();
        while (open.Count > 0)
        {
            var threshold = Select([.. open.Select(index => costs[index])], Math.Min(total, open.Sum(index => most[index])));
            var ties = threshold.Ties;
            foreach (var index in open)
            {
                counts[index] = CountBelow(costs[index], threshold, ref ties);
            }

            var full = open.Where(index => counts[index] > most[index]).ToList();
            if (full.Count == 0)
            {
                break;
            }

            foreach (var index in full)
            {
                counts[index] = most[index];
                total -= most[index];
                open.Remove(index);
            }
        }

        return counts;
    }

    /// <summary>Where the weights of least cost end.</summary>
    /// <param name="costs">What weights cost.</param>
    /// <param name="rank">How many of them are wanted.</param>
    public static MagnitudeThreshold Select(IReadOnlyList<WeightCosts> costs, long rank)
    {
        var selection = new MagnitudeSelection();
        foreach (var each in costs)
        {
            each.Visit(selection.Count);
        }

        selection.Narrow(rank);
        foreach (var each in costs)
        {
            each.Visit(selection.CountNarrowed);
        }

        return selection.Threshold;
    }

    private static long CountBelow(WeightCosts costs, MagnitudeThreshold threshold, ref long ties)
    {
        var (count, wanted, masked) = (0L, ties, Array.Empty<float>());
        costs.Visit(part =>
        {
            masked = masked.Length < part.Length ? new float[part.Length] : masked;
            count += MagnitudeMask.ZeroBelow(masked.AsSpan(0, part.Length), part, threshold, ref wanted);
        });
        ties = wanted;
        return count;
    }
}
