using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>What lies along the axes of results that hold the elements of their input in another order, in parts, or side by side (docs/Operators.md of ONNX).</summary>
internal static class MoveRules
{
    /// <summary>From this version on the numbers of Slice are inputs.</summary>
    private const int FirstOpsetOfSlices = 10;

    /// <summary>From this version on the sizes of Split are an input.</summary>
    private const int FirstOpsetOfSplits = 13;

    /// <summary>Applies the rule of a node's operator; false where it has none here.</summary>
    public static bool TryApply(NodeProto node, ChannelGraph graph)
    {
        switch (node.OpType)
        {
            case "Transpose":
                Transpose(node, graph);
                return true;
            case "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze":
                ReshapeRule.Apply(node, graph);
                return true;
            case "Concat":
                Concatenate(node, graph);
                return true;
            case "Split":
                Split(node, graph);
                return true;
            case "Slice" when graph.Opset >= FirstOpsetOfSlices:
                Slice(node, graph);
                return true;
            case "Gather":
                Gather(node, graph);
                return true;
            case "Pad":
                return TryPad(node, graph);
            case "Resize" or "Upsample":
                Resize(node, graph);
                return true;
            case "Shape":
                KeepWhatIsTold(node, graph);
                return true;
            default:
                return false;
        }
    }

    private static void Transpose(NodeProto node, ChannelGraph graph)
    {
        var rank = graph.Dimensions(node.Input[0])!.Length;
        var order = node.Attribute("perm")?.Ints.Select(axis => (int)axis).ToArray() ?? [.. Enumerable.Range(0, rank).Reverse()];
        for (var axis = 0; axis < rank; axis++)
        {
            graph.SetAxis(node.Output[0], axis, graph.Axis(node.Input[0], order[axis]));
        }
    }

    private static void Concatenate(NodeProto node, ChannelGraph graph)
    {
        var dims = graph.Dimensions(node.Output[0])!;
        var along = Axis(node.Int64("axis", 0), dims.Length);
        for (var axis = 0; axis < dims.Length; axis++)
        {
            if (dims[axis] >= 2)
            {
                graph.SetAxis(node.Output[0], axis, axis == along ? Parts(node, graph, along) : ElementwiseRules.Joined(node.Input, node, graph, axis - dims.Length, dims[axis]));
            }
        }
    }

    private static int[]? Parts(NodeProto node, ChannelGraph graph, int along)
    {
        var parts = node.Input.Select(input => (Positions: graph.Axis(input, along), Length: graph.Dimensions(input)![along])).ToArray();
        if (parts.All(part => part.Positions is null))
        {
            return null;
        }

        return [.. parts.SelectMany(part => part.Positions ?? Kept(part.Length))];

        int[] Kept(long length)
        {
            var positions = graph.Classes.New(length);
            graph.Classes.Keep(positions, "they keep their size");
            return positions;
        }
    }

    private static void Split(NodeProto node, ChannelGraph graph)
    {
        var dims = graph.Dimensions(node.Input[0])!;
        var along = Axis(node.Int64("axis", 0), dims.Length);
        var start = 0;
        var positions = graph.Axis(node.Input[0], along);
        if (node.InputOrEmpty(1) is { Length: > 0 } sizes && graph.Graph.Constant(sizes) is null || node.Output.Any(output => graph.Dimensions(output) is null))
        {
            graph.Classes.Keep(positions ?? [], $"the sizes of Split '{node.Name}' are computed");
        }

        for (var index = 0; index < node.Output.Count; index++)
        {
            var output = node.Output[index];
            if (graph.Dimensions(output) is not { } own)
            {
                continue;
            }

            for (var axis = 0; axis < dims.Length; axis++)
            {
                graph.SetAxis(output, axis, axis == along ? positions?[start..(start + (int)own[axis])] : graph.Axis(node.Input[0], axis));
            }

            if (positions is not null)
            {
                var isInput = graph.Opset >= FirstOpsetOfSplits;
                graph.Counts.Add(new ChannelCount(node.Name, isInput ? 1 : -1, isInput ? "" : "split", index, positions[start..(start + (int)own[along])]));
                start += (int)own[along];
            }
        }
    }

    private static void Slice(NodeProto node, ChannelGraph graph)
    {
        var dims = graph.Dimensions(node.Input[0])!;
        var (starts, ends, steps) = (Numbers(1), Numbers(2), Numbers(4));
        var axes = node.InputOrEmpty(3).Length == 0 ? [.. Enumerable.Range(0, starts?.Length ?? 0).Select(axis => (long)axis)] : Numbers(3);
        for (var axis = 0; axis < dims.Length; axis++)
        {
            var positions = graph.Axis(node.Input[0], axis);
            var place = axes is null ? -1 : Array.FindIndex(axes, each => Axis(each, dims.Length) == axis);
            if (positions is null || axes is not null && place < 0)
            {
                graph.SetAxis(node.Output[0], axis, positions);
                continue;
            }

            if (axes is null || starts is null || ends is null || node.InputOrEmpty(4).Length > 0 && steps?[place] != 1)
            {
                graph.Classes.Keep(positions, $"Slice '{node.Name}' takes some of them by rules that are no range");
                continue;
            }

            var (start, end) = (Bound(starts[place], dims[axis]), Bound(ends[place], dims[axis]));
            graph.SetAxis(node.Output[0], axis, positions[start..Math.Max(start, end)]);
            graph.Counts.Add(new ChannelCount(node.Name, 1, "", place, positions[..start]));
            graph.Counts.Add(new ChannelCount(node.Name, 2, "", place, positions[..end]));
        }

        long[]? Numbers(int input) => NodeNumbers.Of(node, input, "", graph.Graph);

        static int Bound(long place, long length) => (int)Math.Clamp(place < 0 ? place + length : place, 0, length);
    }

    private static void Gather(NodeProto node, ChannelGraph graph)
    {
        var (dims, indices) = (graph.Dimensions(node.Input[0])!, graph.Dimensions(node.Input[1])!);
        var along = Axis(node.Int64("axis", 0), dims.Length);
        for (var axis = 0; axis < dims.Length; axis++)
        {
            if (axis == along)
            {
                graph.Classes.Keep(graph.Axis(node.Input[0], axis) ?? [], $"Gather '{node.Name}' takes some of them by their numbers");
            }
            else
            {
                graph.SetAxis(node.Output[0], axis < along ? axis : axis + indices.Length - 1, graph.Axis(node.Input[0], axis));
            }
        }

        for (var axis = 0; axis < indices.Length; axis++)
        {
            graph.SetAxis(node.Output[0], along + axis, graph.Axis(node.Input[1], axis));
        }
    }

    private static bool TryPad(NodeProto node, ChannelGraph graph)
    {
        var dims = graph.Dimensions(node.Input[0])!;
        if (NodeNumbers.Of(node, 1, "pads", graph.Graph) is not { } pads || pads.Length != 2 * dims.Length)
        {
            return false;
        }

        for (var axis = 0; axis < dims.Length; axis++)
        {
            if (pads[axis] == 0 && pads[axis + dims.Length] == 0)
            {
                graph.SetAxis(node.Output[0], axis, graph.Axis(node.Input[0], axis));
            }
            else
            {
                graph.Classes.Keep(graph.Axis(node.Input[0], axis) ?? [], $"Pad '{node.Name}' adds to them");
            }
        }

        return true;
    }

    private static void Resize(NodeProto node, ChannelGraph graph)
    {
        const int Sizes = 3;
        var dims = graph.Dimensions(node.Input[0])!;
        var results = graph.Dimensions(node.Output[0])!;
        for (var axis = 0; axis < dims.Length; axis++)
        {
            var positions = graph.Axis(node.Input[0], axis);
            var hasSizes = node.InputOrEmpty(Sizes).Length > 0;
            if (positions is not null && (dims[axis] != results[axis] || node.Attribute("axes") is not null || hasSizes && !ShapeEntries.CanSet(graph.Graph, node.InputOrEmpty(Sizes), axis)))
            {
                graph.Classes.Keep(positions, $"{node.OpType} '{node.Name}' changes their number");
                continue;
            }

            graph.SetAxis(node.Output[0], axis, positions);
            if (positions is not null && hasSizes)
            {
                graph.Counts.Add(new ChannelCount(node.Name, Sizes, "", axis, positions));
            }
        }
    }

    /// <summary>A number of channels that the graph computes with has to stay; that of another axis may be asked for.</summary>
    private static void KeepWhatIsTold(NodeProto node, ChannelGraph graph)
    {
        var readers = graph.Graph.Consumers(node.Output[0]);
        var told = readers.Select(reader => Told(reader, graph.Graph)).ToArray();
        var isKnown = node.Int64("start", 0) == 0 && !graph.Graph.IsGraphOutput(node.Output[0]) && told.All(each => each is not null);
        var rank = graph.Dimensions(node.Input[0])!.Length;
        var kept = isKnown ? told.SelectMany(each => each!).Select(each => Axis(each, rank)) : Enumerable.Range(0, rank);
        foreach (var axis in kept.Where(axis => axis >= 0 && axis < rank))
        {
            graph.Classes.Keep(graph.Axis(node.Input[0], axis) ?? [], $"Shape '{node.Name}' tells their number");
        }
    }

    /// <summary>The entries of a shape that a reader takes; null where that is not known.</summary>
    private static IEnumerable<long>? Told(NodeInput reader, OnnxGraph graph) => reader.Index != 0 ? null
        : reader.Node.IsStandard("Gather") ? NodeNumbers.Of(reader.Node, 1, "", graph)
        : reader.Node.IsStandard("Slice") && NodeNumbers.Of(reader.Node, 1, "", graph) is [>= 0 and var start] && NodeNumbers.Of(reader.Node, 2, "", graph) is [>= 0 and < 16 and var end] && reader.Node.InputOrEmpty(4).Length == 0
            ? Enumerable.Range((int)start, (int)Math.Max(0, end - start)).Select(axis => (long)axis)
        : null;

    private static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}
