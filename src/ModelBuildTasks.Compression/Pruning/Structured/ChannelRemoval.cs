using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Takes channels out of a graph: what lies along them in constants, and the numbers that tell how many there are.</summary>
internal static class ChannelRemoval
{
    /// <summary>Edits the graph of a model, which may be another load of the one that was analysed.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="channels">What was analysed.</param>
    /// <param name="removed">The classes that go.</param>
    public static void Apply(OnnxGraph graph, ChannelGraph channels, IReadOnlySet<int> removed)
    {
        bool Stays(int position) => !removed.Contains(channels.Classes.Of(position));
        foreach (var (name, axes) in channels.Values)
        {
            if (graph.Constant(name) is not { } constant)
            {
                continue;
            }

            var tensor = constant;
            for (var axis = 0; axis < axes.Length; axis++)
            {
                if (axes[axis] is { } positions && !positions.All(Stays))
                {
                    tensor = Taken(graph, tensor, axis, Kept(positions, Stays));
                }
            }

            if (!ReferenceEquals(tensor, constant))
            {
                tensor.Name = name;
                graph.ReplaceUses(name, graph.AddInitializer(tensor));
            }
        }

        var nodes = graph.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var counts in channels.Counts.GroupBy(count => count.Node, StringComparer.Ordinal))
        {
            if (counts.Any(count => !count.Positions.All(Stays)))
            {
                Count(graph, nodes[counts.Key], [.. counts], Stays);
            }
        }

        // What the file says of inner values is of sizes that were.
        graph.Proto.ValueInfo.Clear();
        graph.RemoveUnused();
    }

    /// <summary>The places along an axis of what stays.</summary>
    public static int[] Kept(int[] positions, Predicate<int> stays) => [.. Enumerable.Range(0, positions.Length).Where(place => stays(positions[place]))];

    /// <summary>The output channels of a layer that stay, by their numbers.</summary>
    public static int[] KeptOutputs(ChannelLayer layer, ChannelGraph channels, IReadOnlySet<int> removed) =>
        layer.Outputs is { } positions ? Kept(positions, position => !removed.Contains(channels.Classes.Of(position))) : [.. Enumerable.Range(0, layer.OutputCount)];

    private static void Count(OnnxGraph graph, NodeProto node, ChannelCount[] counts, Predicate<int> stays)
    {
        long[] numbers = [.. counts.Select(count => (long)count.Positions.Count(position => stays(position)))];
        if (node.OpType == "Split" && counts[0].Input >= 0)
        {
            node.RemoveAttribute("num_outputs");
            graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(node.Output[0] + "_sizes", numbers.AsSpan(), numbers.Length)));
            return;
        }

        if (node.OpType == "Split")
        {
            node.RemoveAttribute("split");
            node.With("split", numbers.AsSpan());
            return;
        }

        foreach (var (count, number) in counts.Zip(numbers))
        {
            if (count.Input < 0)
            {
                node.RemoveAttribute(count.Attribute);
                node.With(count.Attribute, number);
            }
            else
            {
                ShapeEntries.Set(graph, node, count.Input, count.Element, number);
            }
        }
    }

    /// <summary>A tensor of what lies at some places along an axis, of any type whose elements are whole bytes.</summary>
    private static TensorProto Taken(OnnxGraph graph, TensorProto tensor, int axis, int[] places)
    {
        var channels = ChannelAxis.Of(tensor, axis);
        var elementBytes = tensor.ElementType().Bits() / 8;
        var run = (long)channels.Inner * elementBytes;
        var payload = graph.NewPayload(channels.Outer * places.Length * run);
        var reader = new BytesReader(tensor);
        var round = channels.Channels * run;
        for (var outer = 0; outer < channels.Outer; outer++)
        {
            // Short runs are taken from one read, long ones are read in parts.
            var whole = round <= BytesReader.LargestPart ? reader.Read(outer * round, (int)round) : default;
            foreach (var place in places)
            {
                for (var done = 0L; done < run; done += BytesReader.LargestPart)
                {
                    var length = (int)Math.Min(BytesReader.LargestPart, run - done);
                    payload.Append(whole.IsEmpty ? reader.Read((outer * round) + (place * run) + done, length) : whole.Slice((int)(place * run), length));
                }
            }
        }

        long[] dims = [.. tensor.Dims];
        dims[axis] = places.Length;
        return TensorValues.Create(tensor.Name, tensor.ElementType(), payload.Finish(), dims.AsSpan());
    }
}
