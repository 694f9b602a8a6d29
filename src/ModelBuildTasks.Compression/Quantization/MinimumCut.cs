namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// A directed network whose nodes are to be parted into a side of the source and a side of the sink, so that the capacities of the arcs from the one to the other add up to the least (the maximum flow by
/// Dinic 1970, "Algorithm for solution of a problem of maximum flow in a network with power estimation").
/// </summary>
/// <remarks>Of several least cuts it takes the one with the largest side of the source, which is the same whatever the order of the arcs.</remarks>
internal sealed class MinimumCut
{
    public const int Source = 0;

    public const int Sink = 1;

    /// <summary>A capacity that no least cut holds, if there is a finite one.</summary>
    public const long Infinite = 1L << 60;

    /// <summary>The largest finite capacity: a thousand of them are less than an infinite one.</summary>
    public const long Largest = 1L << 49;

    // The arcs of a node are a list: the last one, and before each the one added earlier. An arc and its reverse are neighbours.
    private readonly List<int> last = [-1, -1];
    private readonly List<int> heads = [];
    private readonly List<int> earlier = [];
    private readonly List<long> capacities = [];

    /// <summary>Adds a node; gives its number, from 2 on.</summary>
    public int AddNode()
    {
        last.Add(-1);
        return last.Count - 1;
    }

    /// <summary>Adds an arc.</summary>
    /// <param name="from">The node it leaves.</param>
    /// <param name="to">The node it enters.</param>
    /// <param name="capacity">What it costs to part them: 0 to <see cref="Largest"/>, or <see cref="Infinite"/>.</param>
    public void AddArc(int from, int to, long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        if (capacity > Largest && capacity != Infinite)
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "It is neither finite nor infinite.");
        }

        Add(from, to, capacity);
        Add(to, from, 0);
    }

    /// <summary>The side of each node, true for the source's, and what the cut costs; null where every cut is infinite.</summary>
    public (bool[] OnSourceSide, long Capacity)? Solve()
    {
        var residual = capacities.ToArray();
        var total = 0L;
        while (Levels(residual) is { } levels)
        {
            if (Block(residual, levels) is not { } flow)
            {
                return null;
            }

            total += flow;
        }

        return (SourceSide(residual), total);
    }

    private void Add(int from, int to, long capacity)
    {
        heads.Add(to);
        capacities.Add(capacity);
        earlier.Add(last[from]);
        last[from] = heads.Count - 1;
    }

    /// <summary>The least number of arcs from the source to each node, -1 where none lead there; null where the sink is one of these.</summary>
    private int[]? Levels(long[] residual)
    {
        var levels = new int[last.Count];
        Array.Fill(levels, -1);
        levels[Source] = 0;
        var open = new Queue<int>([Source]);
        while (open.TryDequeue(out var node))
        {
            for (var arc = last[node]; arc >= 0; arc = earlier[arc])
            {
                if (residual[arc] > 0 && levels[heads[arc]] < 0)
                {
                    levels[heads[arc]] = levels[node] + 1;
                    open.Enqueue(heads[arc]);
                }
            }
        }

        return levels[Sink] < 0 ? null : levels;
    }

    /// <summary>Adds shortest paths to the flow until each is blocked; gives what was added, null where a path is infinite.</summary>
    private long? Block(long[] residual, int[] levels)
    {
        var next = last.ToArray();
        var path = new List<int>();
        var added = 0L;
        while (true)
        {
            var node = path.Count > 0 ? heads[path[^1]] : Source;
            if (node == Sink)
            {
                var flow = path.Min(arc => residual[arc]);
                // Finite arcs only can have lessened an infinite one, and all of them together do not halve it.
                if (flow > Infinite / 2)
                {
                    return null;
                }

                added += flow;
                foreach (var arc in path)
                {
                    residual[arc] -= flow;
                    residual[arc ^ 1] += flow;
                }

                var full = path.FindIndex(arc => residual[arc] == 0);
                path.RemoveRange(full, path.Count - full);
                continue;
            }

            while (next[node] >= 0 && !(residual[next[node]] > 0 && levels[heads[next[node]]] == levels[node] + 1))
            {
                next[node] = earlier[next[node]];
            }

            if (next[node] >= 0)
            {
                path.Add(next[node]);
            }
            else if (path.Count == 0)
            {
                return added;
            }
            else
            {
                var back = path[^1] ^ 1;
                path.RemoveAt(path.Count - 1);
                next[heads[back]] = earlier[next[heads[back]]];
            }
        }
    }

    // Whatever cannot reach the sink any more.
    private bool[] SourceSide(long[] residual)
    {
        var reaches = new bool[last.Count];
        reaches[Sink] = true;
        var open = new Queue<int>([Sink]);
        while (open.TryDequeue(out var node))
        {
            for (var arc = last[node]; arc >= 0; arc = earlier[arc])
            {
                if (residual[arc ^ 1] > 0 && !reaches[heads[arc]])
                {
                    reaches[heads[arc]] = true;
                    open.Enqueue(heads[arc]);
                }
            }
        }

        return [.. reaches.Select(reached => !reached)];
    }
}
