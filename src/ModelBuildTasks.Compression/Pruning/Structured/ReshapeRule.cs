using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>
/// What lies along axes that are merged into one or split into several. A channel of an image becomes a run of features in a flat one. An axis that is split can lose only what leaves all other axes whole: of heads × features whole
/// heads, and of groups × channels the same channels of each group.
/// </summary>
internal static class ReshapeRule
{
    /// <summary>Applies the rule to a Reshape, Flatten, Squeeze or Unsqueeze.</summary>
    public static void Apply(NodeProto node, ChannelGraph graph)
    {
        var (before, after) = (graph.Dimensions(node.Input[0])!, graph.Dimensions(node.Output[0])!);
        if (before.Contains(0) || after.Contains(0))
        {
            graph.KeepInputs(node, $"{node.OpType} '{node.Name}' saw an empty value");
            return;
        }

        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            if (i < before.Length && before[i] == 1)
            {
                i++;
                continue;
            }

            if (j < after.Length && after[j] == 1)
            {
                j++;
                continue;
            }

            // The fewest neighbouring axes that hold as many elements on both sides.
            var (firstIn, firstOut) = (i, j);
            var (held, holding) = (before[i++], after[j++]);
            while (held != holding)
            {
                if (held < holding)
                {
                    held *= before[i++];
                }
                else
                {
                    holding *= after[j++];
                }
            }

            Apply(node, graph, firstIn..i, firstOut..j);
        }
    }

    private static void Apply(NodeProto node, ChannelGraph graph, Range ins, Range outs)
    {
        var (before, after) = (graph.Dimensions(node.Input[0])!, graph.Dimensions(node.Output[0])!);
        if (Flat(node, graph, before, ins) is not { } flat)
        {
            return;
        }

        var axis = Followed(graph, flat, after, outs, ins.End.Value == before.Length);
        var inner = (int)Product(after[(axis + 1)..outs.End.Value]);
        var positions = new int[after[axis]];
        Array.Fill(positions, -1);
        for (var place = 0; place < flat.Length; place++)
        {
            ref var position = ref positions[place / inner % positions.Length];
            position = position < 0 ? flat[place] : position;
            graph.Classes.Join(position, flat[place]);
        }

        graph.SetAxis(node.Output[0], axis, positions);
        if (node.OpType != "Reshape")
        {
            return;
        }

        var target = node.InputOrEmpty(1);
        if (!ShapeEntries.CanSet(graph.Graph, target, axis))
        {
            graph.Classes.Keep(positions, $"Reshape '{node.Name}' computes their number");
        }
        else if (graph.Graph.Constant(target)?.Int64s()[axis] != -1)
        {
            graph.Counts.Add(new ChannelCount(node.Name, 1, "", axis, positions));
        }
    }

    /// <summary>The positions of all elements of some axes: those of one of them, and what lies along the others stays.</summary>
    private static int[]? Flat(NodeProto node, ChannelGraph graph, long[] before, Range ins)
    {
        int[]? flat = null;
        for (var axis = ins.Start.Value; axis < ins.End.Value; axis++)
        {
            if (graph.Axis(node.Input[0], axis) is not { } positions)
            {
                continue;
            }

            if (flat is not null || positions.All(position => graph.Classes.WhyKept(position) is not null))
            {
                graph.Classes.Keep(positions, $"{node.OpType} '{node.Name}' merges them with others");
                continue;
            }

            var inner = Product(before[(axis + 1)..ins.End.Value]);
            flat = [.. Enumerable.Range(0, (int)Product(before[ins])).Select(place => positions[(int)(place / inner % positions.Length)])];
        }

        return flat;
    }

    /// <summary>The axis along which something may go: one whose positions are classes already, as where a merged axis is split again, else the longest axis but the last one of features (their heads), or the last one of an image's channels.</summary>
    private static int Followed(ChannelGraph graph, int[] flat, long[] after, Range outs, bool isLast)
    {
        var candidates = Enumerable.Range(outs.Start.Value, outs.End.Value - outs.Start.Value).Where(axis => after[axis] > 1).ToArray();
        foreach (var axis in candidates.OrderByDescending(axis => after[axis]))
        {
            var inner = (int)Product(after[(axis + 1)..outs.End.Value]);
            var classes = flat.Select((position, place) => (Place: place / inner % after[axis], Class: graph.Classes.Of(position))).Distinct().ToArray();
            if (classes.Length == after[axis] && classes.DistinctBy(each => each.Class).Count() > 1)
            {
                return axis;
            }
        }

        return candidates.Length == 1 || !isLast ? candidates[^1] : candidates.SkipLast(1).OrderByDescending(axis => after[axis]).First();
    }

    private static long Product(long[] dims) => dims.Aggregate(1L, (product, dimension) => product * dimension);
}
