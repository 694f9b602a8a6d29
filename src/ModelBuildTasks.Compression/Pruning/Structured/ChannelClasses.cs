namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Positions along axes of values, joined to classes of those that can only go together: a channel of a layer with everything that has to have as many. A class of which one position must stay is kept.</summary>
internal sealed class ChannelClasses
{
    private readonly List<int> parents = [];
    private readonly Dictionary<int, string> reasons = [];

    /// <summary>Positions of an axis, each in a class of its own.</summary>
    public int[] New(long count)
    {
        var first = parents.Count;
        parents.AddRange(Enumerable.Range(first, (int)count));
        return [.. Enumerable.Range(first, (int)count)];
    }

    /// <summary>The class of a position: the same number for all that go together.</summary>
    public int Of(int position)
    {
        while (parents[position] != position)
        {
            parents[position] = parents[parents[position]];
            position = parents[position];
        }

        return position;
    }

    /// <summary>Lets two positions go together only.</summary>
    public void Join(int first, int second)
    {
        var (kept, other) = (Math.Min(Of(first), Of(second)), Math.Max(Of(first), Of(second)));
        if (kept == other)
        {
            return;
        }

        parents[other] = kept;
        if (reasons.Remove(other, out var reason))
        {
            reasons.TryAdd(kept, reason);
        }
    }

    /// <summary>Lets positions stay, with all that are joined to them.</summary>
    /// <param name="positions">The positions.</param>
    /// <param name="reason">Why.</param>
    public void Keep(IEnumerable<int> positions, string reason)
    {
        foreach (var position in positions)
        {
            reasons.TryAdd(Of(position), reason);
        }
    }

    /// <summary>Why a position stays; null where it may go.</summary>
    public string? WhyKept(int position) => reasons.GetValueOrDefault(Of(position));
}
