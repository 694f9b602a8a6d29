using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A layer normalization (Ba et al. 2016, "Layer Normalization") over the last axis as exporters write it: (x − mean) / √(variance + epsilon) · scale + bias.</summary>
/// <param name="Source">x.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="Scale">The constant row of scales.</param>
/// <param name="Bias">The constant row of biases; null where nothing is added.</param>
/// <param name="Last">The node that gives the result.</param>
/// <param name="IsCanonical">Whether ONNX Runtime makes it one operator when it loads the model as it is: one difference, squared by Pow, and a quotient.</param>
internal sealed record LayerNormalizationForm(string Source, float Epsilon, string Scale, string? Bias, NodeProto Last, bool IsCanonical)
{
    /// <summary>Reads it from the node that divides by the deviation; null where that is something else, or a value inside is read elsewhere.</summary>
    public static LayerNormalizationForm? Of(NodeProto node, OnnxGraph graph, ValueShapes shapes)
    {
        if (Quotient(node, graph) is not var (difference, deviation, isQuotient) || graph.PrivateProducer(deviation) is not { OpType: "Sqrt" } root
            || graph.PrivateProducer(root.Input[0]) is not { OpType: "Add" } sum || ScalarOperand.Of(sum, graph) is not { } epsilon
            || Mean(epsilon.Value, graph, shapes) is not { } squares || Square(squares, graph) is not var (squared, isPower)
            || Difference(difference, graph, shapes) is not { } source || squared != difference && Difference(squared, graph, shapes) != source
            || !graph.IsReadOnlyBy(difference, node, graph.Producer(squares)!))
        {
            return null;
        }

        if (Row(node.Output[0], "Mul", graph) is not var (scale, product))
        {
            return null;
        }

        var bias = Row(product.Output[0], "Add", graph);
        return new(source, epsilon.Number, scale, bias?.Constant, bias?.Node ?? product, isQuotient && isPower && squared == difference);
    }

    private static (string Difference, string Deviation, bool IsQuotient)? Quotient(NodeProto node, OnnxGraph graph)
    {
        if (node.IsStandard("Div"))
        {
            return (node.Input[0], node.Input[1], true);
        }

        if (!node.IsStandard("Mul") || node.Input.Count != 2)
        {
            return null;
        }

        var side = graph.PrivateProducer(node.Input[1]) is { } second && Inverse(second, graph) is not null ? 1 : 0;
        return graph.PrivateProducer(node.Input[side]) is { } inverse && Inverse(inverse, graph) is { } deviation ? (node.Input[1 - side], deviation, false) : null;
    }

    private static string? Inverse(NodeProto node, OnnxGraph graph) =>
        node.OpType == "Reciprocal" ? node.Input[0]
        : node.OpType == "Div" && ScalarOperand.Of(node, graph) is { Number: 1, IsSecond: false } operand ? operand.Value
        : null;

    /// <summary>x where a value is x − mean(x).</summary>
    private static string? Difference(string value, OnnxGraph graph, ValueShapes shapes) =>
        graph.Producer(value) is { } node && node.IsStandard("Sub") && !graph.IsGraphOutput(value)
        && graph.Producer(node.Input[1]) is { } mean && MeanSource(mean, graph, shapes) == node.Input[0]
        && !graph.IsGraphOutput(node.Input[1]) && graph.Consumers(node.Input[1]).All(use => use.Index == 1 && use.Node.IsStandard("Sub") && use.Node.Input[0] == node.Input[0])
            ? node.Input[0] : null;

    private static string? Mean(string value, OnnxGraph graph, ValueShapes shapes) => graph.PrivateProducer(value) is { } node ? MeanSource(node, graph, shapes) : null;

    private static string? MeanSource(NodeProto node, OnnxGraph graph, ValueShapes shapes) =>
        node.IsStandard("ReduceMean") && node.Int64("keepdims", 1) == 1
        && (node.Attribute("axes")?.Ints.ToArray() ?? graph.Constant(node.InputOrEmpty(1))?.Int64s().ToArray()) is [var axis] && (axis == -1 || axis == shapes.Rank(node.Input[0]) - 1)
            ? node.Input[0] : null;

    private static (string Value, bool IsPower)? Square(string value, OnnxGraph graph) => graph.PrivateProducer(value) switch
    {
        { OpType: "Pow" } power when graph.Scalar(power.Input[1]) == 2 => (power.Input[0], true),
        { OpType: "Mul" } product when product.Input[0] == product.Input[1] => (product.Input[0], false),
        _ => null,
    };

    /// <summary>The constant row that the only reader of a value combines it with, and that reader.</summary>
    private static (string Constant, NodeProto Node)? Row(string value, string operation, OnnxGraph graph) =>
        graph.OnlyReader(value) is { } reader && reader.Node.IsStandard(operation) && reader.Node.Input[1 - reader.Index] is var name
        && graph.Constant(name) is { Dims.Count: 1 } row && row.ElementType() == DataType.Float && row.ElementCount() > 1 ? (name, reader.Node) : null;
}
