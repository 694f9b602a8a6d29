using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A node of two inputs, one of them a constant number.</summary>
/// <param name="Value">The other input.</param>
/// <param name="Number">The number.</param>
/// <param name="IsSecond">Whether the number is the second input.</param>
internal sealed record ScalarOperand(string Value, float Number, bool IsSecond)
{
    /// <summary>Reads a node; null where it has not exactly one value and one number.</summary>
    public static ScalarOperand? Of(NodeProto node, OnnxGraph graph) =>
        node.Input.Count != 2 ? null
        : graph.Scalar(node.Input[1]) is { } second ? graph.Constant(node.Input[0]) is null ? new(node.Input[0], second, true) : null
        : graph.Scalar(node.Input[0]) is { } first && graph.Constant(node.Input[1]) is null ? new(node.Input[1], first, false)
        : null;
}
