using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>Tells nodes that give what they take (docs/Operators.md of ONNX).</summary>
internal sealed class NoOperations(OnnxGraph graph, ValueShapes shapes)
{
    /// <summary>The input that a node's only output equals; null where it computes something.</summary>
    public string? Same(NodeProto node)
    {
        if (!node.IsStandard() || node.Input.Count == 0 || node.Output.Count(output => output.Length > 0) != 1 || node.Output[0].Length == 0)
        {
            return null;
        }

        var first = node.Input[0];
        return node.OpType switch
        {
            "Identity" => first,
            "Dropout" => node.InputOrEmpty(2).Length == 0 ? first : null,
            "Concat" or "Sum" or "Mean" or "Max" or "Min" => node.Input.Count == 1 ? first : null,
            "Transpose" => node.Attribute("perm")?.Ints is { } order && order.Select((axis, index) => axis == index).All(same => same) ? first : null,
            "Pad" => IsZero(node.Attribute("pads")?.Ints) || IsZero(Numbers(node, 1)) ? first : null,
            "Slice" => IsWhole(node) ? first : null,
            "Reshape" => IsKept(node) ? first : null,
            "Add" or "Mul" or "Sub" or "Div" => Neutral(node),
            _ => null,
        };
    }

    private static bool IsZero(IEnumerable<long>? numbers) => numbers?.All(number => number == 0) == true;

    private long[]? Numbers(NodeProto node, int input) => graph.Constant(node.InputOrEmpty(input)) is { } tensor ? tensor.Int64s().ToArray() : null;

    private bool IsWhole(NodeProto node)
    {
        var starts = node.Attribute("starts")?.Ints.ToArray() ?? Numbers(node, 1);
        var ends = node.Attribute("ends")?.Ints.ToArray() ?? Numbers(node, 2);
        var steps = node.InputOrEmpty(4).Length == 0 ? [1] : Numbers(node, 4);
        // No dimension is longer.
        return IsZero(starts) && ends?.All(end => end >= int.MaxValue) == true && steps?.All(step => step == 1) == true;
    }

    /// <summary>Whether every dimension is copied.</summary>
    private bool IsKept(NodeProto node) =>
        node.Int64("allowzero", 0) == 0 && Numbers(node, 1) is { Length: > 0 } shape && IsZero(shape) && shapes.Rank(node.Input[0]) == shape.Length;

    private string? Neutral(NodeProto node)
    {
        if (ScalarOperand.Of(node, graph) is not { } operand || operand.Number != (node.OpType is "Mul" or "Div" ? 1 : 0) || !operand.IsSecond && node.OpType is "Sub" or "Div")
        {
            return null;
        }

        // A number of one dimension would give one to a value without any.
        var constant = graph.Constant(node.Input[operand.IsSecond ? 1 : 0])!;
        return constant.Dims.Count == 0 || shapes.Rank(operand.Value) >= constant.Dims.Count ? operand.Value : null;
    }
}
