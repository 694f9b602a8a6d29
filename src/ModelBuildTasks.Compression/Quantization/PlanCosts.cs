using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What it costs, as a cost table has it, to compute a set of operators on bytes: each operator by itself, and the conversions that the borders between bytes and float then take. In nanoseconds.</summary>
internal sealed class PlanCosts(OnnxGraph graph, ActivationSizes sizes, CostTable table)
{
    /// <summary>Float may cost this much more than bytes and is still taken: two measurements of one thing differ as much, and every rounding to bytes costs accuracy.</summary>
    public const double Noise = 1.1;

    private readonly BorderCosts borders = table.Borders;
    private readonly LayerCosts costs = new(graph, sizes, table);
    private readonly IReadOnlyList<string> values = [.. graph.Nodes.SelectMany(node => node.Input.Concat(node.Output)).Where(value => value.Length > 0).Distinct()];

    private readonly Dictionary<NodeProto, (double? Int8, double? Float)> known = new(ReferenceEqualityComparer.Instance);
    private ILookup<NodeProto, string>? layouts;

    /// <summary>What an operator costs by itself; null where the table has no opinion.</summary>
    public double? Of(NodeProto node, bool onBytes)
    {
        if (!known.TryGetValue(node, out var both))
        {
            known.Add(node, both = (costs.Of(node, onBytes: true), costs.Of(node, onBytes: false)));
        }

        return onBytes ? both.Int8 : both.Float;
    }

    /// <summary>
    /// What the layers of the graph, these operators and all conversions cost while some of them compute on bytes: what plans are compared by. Operators of which the table has no opinion, and those that no plan changes, are left out.
    /// </summary>
    /// <param name="state">What computes on bytes.</param>
    /// <param name="candidates">The operators without weights that may.</param>
    /// <param name="formats">What the layers are that do not; null is float.</param>
    public double Total(BytesState state, IEnumerable<NodeProto> candidates, Func<NodeProto, LayerFormat>? formats = null) =>
        Counted(candidates).Sum(node => (state.Operators.Contains(node) ? Of(node, onBytes: true) : formats is null || !node.IsLayer(graph) ? Of(node, onBytes: false) : costs.Of(node, formats(node))) ?? 0)
        + values.Sum(value => Border(value, state));

    /// <summary>The same, with everything that computing on bytes brings with it taken <see cref="Noise"/> times: what <see cref="RegionCut"/> makes the least.</summary>
    public double Weighed(BytesState state, IEnumerable<NodeProto> candidates) =>
        Counted(candidates).Sum(node => Of(node, state.Operators.Contains(node)) * (state.Operators.Contains(node) ? Noise : 1) ?? 0) + (Noise * values.Sum(value => Border(value, state)));

    /// <summary>What operators cost on bytes and in float, with the conversions that only one of both needs; null where the table has an opinion of none of them.</summary>
    /// <param name="nodes">The operators.</param>
    /// <param name="state">What else computes on bytes.</param>
    public (double Int8, double Float)? Compare(IReadOnlyList<NodeProto> nodes, BytesState state)
    {
        if (nodes.All(node => Of(node, onBytes: true) is null))
        {
            return null;
        }

        var (with, without) = (state.With(nodes), state.Without(nodes));
        var (int8, single) = (nodes.Sum(node => Of(node, onBytes: true) ?? 0), nodes.Sum(node => Of(node, onBytes: false) ?? 0));
        foreach (var value in Affected(nodes, with))
        {
            if ((Border(value, with), Border(value, without)) is var (onBytes, inFloat) && onBytes != inFloat)
            {
                (int8, single) = (int8 + onBytes, single + inFloat);
            }
        }

        return (int8, single);
    }

    /// <summary>A value becomes floats for all that read it so.</summary>
    public double Dequantize(string value) => borders.Start + (Thousands(value) * borders.Dequantize);

    /// <summary>What comes on top where a float convolution takes it: an operator of its own.</summary>
    public double LayoutToFloat(string value) => borders.Start + (Thousands(value) * borders.LayoutToFloat);

    /// <summary>A value becomes bytes for all that read it so.</summary>
    public double Quantize(string value) => borders.Start + (Thousands(value) * borders.Quantize);

    /// <summary>What comes on top where it has the layout of a float convolution, and not only products read it.</summary>
    public double LayoutToBytes(string value) => borders.Start + (Thousands(value) * borders.LayoutToBytes);

    /// <summary>The convolution whose layout a value has while it is float, as is everything between: nothing there would not take it over. Null where there is none.</summary>
    public NodeProto? LayoutSource(string value)
    {
        while (graph.Producer(value) is { } producer)
        {
            if (producer.OpType == "Conv")
            {
                return producer;
            }

            if (producer.OpType is not ("Relu" or "Clip" or "HardSwish" or "HardSigmoid" or "Sigmoid" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "Add" or "Mul" or "Concat"))
            {
                return null;
            }

            value = producer.Input[0];
        }

        return null;
    }

    /// <summary>The convolutions that take a value as floats, themselves or behind an activation that is always float.</summary>
    /// <param name="readers">Who reads it as floats.</param>
    public IEnumerable<NodeProto> LayoutTargets(IEnumerable<NodeProto> readers) => readers.SelectMany(reader =>
        reader.OpType == "Conv" ? [reader] : IsAlwaysFloat(reader) ? LayoutTargets(graph.Consumers(reader.Output[0]).Select(use => use.Node)) : Enumerable.Empty<NodeProto>());

    // A HardSwish may be written as the product of a value and its HardSigmoid.
    private bool IsAlwaysFloat(NodeProto node) => IsActivation(node) || node.OpType == "Mul" && node.Input.Any(input => graph.Producer(input) is { } producer && IsActivation(producer));

    private static bool IsActivation(NodeProto node) => node.OpType is "HardSwish" or "HardSigmoid" or "Sigmoid";

    /// <summary>What it takes to have a value in float for those who read floats, and as bytes for those who read bytes.</summary>
    private double Border(string value, BytesState state)
    {
        var readers = graph.Consumers(value);
        if (state.IsBytes(value))
        {
            var floats = readers.Where(reader => !state.ReadsBytes(reader)).Select(reader => reader.Node).ToArray();
            return floats.Length == 0 && !graph.IsGraphOutput(value) ? 0 : Dequantize(value) + (LayoutTargets(floats).Any(IsFloat) ? LayoutToFloat(value) : 0);

            bool IsFloat(NodeProto convolution) => floats.Contains(convolution) || !state.Operators.Contains(convolution);
        }

        var bytes = readers.Where(state.ReadsBytes).ToArray();
        return bytes.Length == 0 ? 0 : Quantize(value) + (bytes.Any(reader => !IsProduct(reader.Node)) && LayoutSource(value) is { } source && !state.Operators.Contains(source) ? LayoutToBytes(value) : 0);
    }

    /// <summary>The values whose conversions may depend on these operators.</summary>
    private IEnumerable<string> Affected(IReadOnlyList<NodeProto> nodes, BytesState with)
    {
        layouts ??= values
            .SelectMany(value => LayoutTargets(graph.Consumers(value).Select(use => use.Node)).Append(LayoutSource(value)).OfType<NodeProto>().Select(node => (node, value)))
            .ToLookup<(NodeProto Node, string Value), NodeProto, string>(pair => pair.Node, pair => pair.Value, ReferenceEqualityComparer.Instance);
        return nodes.SelectMany(node => BytesState.Inputs(node).Concat(with.Outputs(node)).Concat(layouts[node])).Distinct();
    }

    /// <summary>Whether a node takes any layout.</summary>
    public static bool IsProduct(NodeProto node) => node.OpType is "Gemm" or "MatMul";

    private IEnumerable<NodeProto> Counted(IEnumerable<NodeProto> candidates) =>
        graph.Nodes.Where(node => node.IsLayer(graph)).Concat(candidates).Distinct<NodeProto>(ReferenceEqualityComparer.Instance);

    private double Thousands(string value) => sizes.Of(value) / 1000;
}
