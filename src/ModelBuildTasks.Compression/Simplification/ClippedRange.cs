using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A value that is another one limited to a constant range.</summary>
internal sealed record ClippedRange(string Source, float Least, float Most)
{
    /// <summary>Reads a Clip (with attributes before operator set 11, with inputs from there on), or a Min and a Max in either order, Relu standing for the lower bound; null where a node is none.</summary>
    public static ClippedRange? Of(NodeProto node, OnnxGraph graph)
    {
        if (node.IsStandard("Clip"))
        {
            return Bound(node, "min", 1, float.NegativeInfinity, graph) is { } least && Bound(node, "max", 2, float.PositiveInfinity, graph) is { } most ? new(node.Input[0], least, most) : null;
        }

        if (OneSided(node, graph) is not { } outer || graph.PrivateProducer(outer.Source) is not { } inside || OneSided(inside, graph) is not { } inner)
        {
            return null;
        }

        // A range that the other bound cuts away would be a constant.
        var (lower, upper) = (Math.Max(outer.Least, inner.Least), Math.Min(outer.Most, inner.Most));
        return float.IsInfinity(lower) || float.IsInfinity(upper) || lower >= upper ? null : new(inner.Source, lower, upper);
    }

    private static float? Bound(NodeProto node, string attribute, int input, float otherwise, OnnxGraph graph) =>
        node.Attribute(attribute) is { } written ? written.F
        : node.InputOrEmpty(input) is not { Length: > 0 } name ? otherwise
        : graph.Scalar(name);

    private static ClippedRange? OneSided(NodeProto node, OnnxGraph graph)
    {
        if (node.IsStandard("Relu"))
        {
            return new(node.Input[0], 0, float.PositiveInfinity);
        }

        if (!node.IsStandard() || node.OpType is not ("Min" or "Max") || ScalarOperand.Of(node, graph) is not { } operand)
        {
            return null;
        }

        return node.OpType == "Min" ? new(operand.Value, float.NegativeInfinity, operand.Number) : new(operand.Value, operand.Number, float.PositiveInfinity);
    }
}
