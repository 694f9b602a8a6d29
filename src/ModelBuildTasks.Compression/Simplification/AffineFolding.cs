using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>
/// Folds products, quotients, sums and differences with constants, and batch normalization, into the linear layer before them, or behind them where that is exact. ONNX Runtime folds those of one number for each
/// channel behind convolutions; one number for all, as re-parameterized networks have behind and before every convolution, it leaves.
/// </summary>
internal sealed class AffineFolding
{
    private readonly OnnxGraph graph;
    private readonly ValueShapes shapes;
    private readonly LayerFold fold;
    private readonly ConstantRows rows;

    private AffineFolding(OnnxGraph graph)
    {
        this.graph = graph;
        shapes = new ValueShapes(graph, new Dictionary<string, int>());
        fold = new LayerFold(graph);
        rows = new ConstantRows(graph);
    }

    /// <summary>Folds what can be folded.</summary>
    public static void Apply(OnnxGraph graph)
    {
        var folding = new AffineFolding(graph);
        var layers = graph.Nodes.Where(node => FoldableLayer.Of(node, graph) is not null).ToArray();
        // What stands between two layers goes into the first: a shift fits there even where the second one pads.
        Array.ForEach(layers, folding.FoldBehind);
        Array.ForEach(layers, folding.FoldInFront);
        graph.RemoveUnused();
    }

    private void FoldBehind(NodeProto node)
    {
        if (FoldableLayer.Of(node, graph) is not { } layer)
        {
            return;
        }

        var place = layer.OutputPlace(shapes);
        var chain = new List<(NodeProto Node, ChannelAffine Affine)>();
        var value = node.Output[0];
        while (graph.OnlyReader(value)?.Node is { } next && ChannelAffines.Of(next, value, graph, place) is { } affine)
        {
            chain.Add((next, affine));
            value = next.Output[0];
        }

        for (var length = chain.Count; length > 0; length--)
        {
            var whole = Composed(chain.Take(length).Select(each => each.Affine));
            var last = chain[length - 1].Node;
            if (fold.Behind(layer, whole))
            {
                Remove(chain.Take(length));
                graph.SetOutput(node, 0, last.Output[0]);
                return;
            }

            // One sum remains behind a matrix product.
            if (!layer.HasBias && length > 1 && FoldedNumbers.Rounded(whole.Shift) is { } shift && fold.Behind(layer, whole with { Shift = [0] }))
            {
                Remove(chain.Take(length));
                graph.Add(NewNode.Of("Add", [node.Output[0], graph.AddInitializer(Constant(shift, last.Output[0], place))], last.Output[0], last.Name));
                return;
            }
        }
    }

    private void FoldInFront(NodeProto node)
    {
        if (FoldableLayer.Of(node, graph) is not { } layer || node.OpType == "Gemm" && node.Int64("transA", 0) != 0)
        {
            return;
        }

        // The nearest first.
        var chain = new List<(NodeProto Node, ChannelAffine Affine, string Source)>();
        var value = node.Input[0];
        while (graph.PrivateProducer(value) is { } before && before.Input.FirstOrDefault(input => graph.Constant(input) is null) is { Length: > 0 } source
            && ChannelAffines.Of(before, source, graph, layer.InputPlace(source, shapes)) is { } affine)
        {
            chain.Add((before, affine, source));
            value = source;
        }

        if (IsNormalized(value))
        {
            return;
        }

        for (var length = chain.Count; length > 0; length--)
        {
            var whole = Composed(chain.Take(length).Reverse().Select(each => each.Affine));
            var (first, _, source) = chain[length - 1];
            if (fold.InFront(layer, whole))
            {
                graph.SetInput(node, 0, source);
                Remove(chain.Take(length).Select(each => (each.Node, each.Affine)));
                return;
            }

            if (length > 1 && Remainder(layer, whole, source) is { } remainder)
            {
                var result = graph.UniqueName(first.Output[0]);
                Remove(chain.Take(length).Select(each => (each.Node, each.Affine)));
                remainder.Name = first.Name;
                remainder.Output.Add(result);
                graph.Add(remainder);
                graph.SetInput(node, 0, result);
                return;
            }
        }
    }

    /// <summary>
    /// One operator that is left in front of a layer of what it cannot take in; null where there is none: scale · x + shift is scale · (x + shift / scale), and the layer takes in the scale. Before a convolution the
    /// sum is a batch normalization, which the runtime computes in the layout of its convolutions (as one of a single tap), while a sum with a constant makes it change the layout before and behind.
    /// </summary>
    private NodeProto? Remainder(FoldableLayer layer, ChannelAffine whole, string source)
    {
        var shift = Enumerable.Range(0, whole.Channels).Select(channel => whole.ShiftOf(channel) / whole.ScaleOf(channel)).ToArray();
        if (FoldedNumbers.Rounded(shift) is not { } rounded || !fold.InFront(layer, whole with { Shift = [0] }))
        {
            return null;
        }

        var remainder = new NodeProto { OpType = layer.IsConvolution ? "BatchNormalization" : "Add" };
        remainder.Input.Add(source);
        if (layer.IsConvolution)
        {
            var (ones, zeros) = (rows.Filled(1, layer.Inputs), rows.Filled(0, layer.Inputs));
            remainder.Input.AddRange([ones, rounded.Length == 1 ? rows.Filled(rounded[0], layer.Inputs) : rows.Of(rounded), zeros, ones]);
            return remainder.With("epsilon", 0f);
        }

        remainder.Input.Add(graph.AddInitializer(Constant(rounded, source, layer.InputPlace(source, shapes))));
        return remainder;
    }

    /// <summary>Whether a value was divided by its deviation: what is multiplied and added behind belongs to a normalization that the runtime fuses as a whole.</summary>
    private bool IsNormalized(string value) => graph.Producer(value) is { } node && (node.IsStandard("Div") || node.IsStandard("Mul"))
        && node.Input.Any(input => graph.Producer(input)?.OpType is "Sqrt" or "Reciprocal" or "Pow");

    private void Remove(IEnumerable<(NodeProto Node, ChannelAffine Affine)> chain)
    {
        foreach (var (node, _) in chain.ToArray())
        {
            graph.Remove(node);
        }
    }

    private static ChannelAffine Composed(IEnumerable<ChannelAffine> chain) => chain.Aggregate(ChannelAffine.Identity, (whole, next) => whole.Then(next));

    /// <summary>Numbers for channels as a constant that broadcasts along them.</summary>
    private static TensorProto Constant(float[] numbers, string stem, ChannelPlace place)
    {
        long[] dims = numbers.Length == 1 ? [] : [numbers.Length, .. Enumerable.Repeat(1L, place.FromEnd - 1)];
        return TensorValues.Create(ValueNames.Stem(stem) + "_shift", numbers, dims);
    }
}
