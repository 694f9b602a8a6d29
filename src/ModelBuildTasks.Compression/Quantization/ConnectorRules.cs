using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// The operators without weights that ONNX Runtime runs on bytes between a DequantizeLinear and a QuantizeLinear, each seen to fuse on 1.31.1. Pad, GlobalMaxPool, ReduceMean,
/// HardSigmoid, HardSwish and linear Resize were seen not to.
/// </summary>
internal static class ConnectorRules
{
    private const string NoIntegerForm = "the operator has no integer form";

    /// <summary>Operators that move bytes: the result has the scale of the first input.</summary>
    private static readonly HashSet<string> Movers =
        ["DepthToSpace", "Expand", "Flatten", "Gather", "MaxPool", "Reshape", "Resize", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze"];

    /// <summary>Operators with an integer kernel that rescales to a range of its own.</summary>
    private static readonly HashSet<string> Rescalers = ["Add", "AveragePool", "Concat", "GlobalAveragePool", "LeakyRelu", "Mul"];

    /// <summary>Why a node cannot compute on bytes, whatever its neighbours do; null where it can.</summary>
    public static string? WhyNot(NodeProto node, int opset) => !node.IsStandard() ? NoIntegerForm
        : node.Output.Any(output => output.Length == 0) ? "one of its outputs is left out"
        : node.OpType switch
        {
            // Bytes are in its type list since version 12.
            "MaxPool" => opset < 12 ? $"opset {opset} has no MaxPool on bytes, and the model could not be raised to a later one"
                : node.Output.Count == 1 ? null : "its second output counts in elements of the float tensor",
            "Resize" => opset < 11 ? $"opset {opset} has no Resize on bytes, and the model could not be raised to a later one"
                : node.Text("mode", "nearest") == "nearest" ? null : "only a nearest Resize moves bytes",
            "Relu" or "Clip" => "no operator on bytes in front of it can take its clipping over",
            _ => Movers.Contains(node.OpType) || Rescalers.Contains(node.OpType) ? null : NoIntegerForm,
        };

    /// <summary>Whether the result has the scale of the first input.</summary>
    public static bool KeepsScale(NodeProto node) => Movers.Contains(node.OpType);

    /// <summary>The inputs that hold activations; the others are shapes and indices.</summary>
    public static IEnumerable<string> Activations(NodeProto node) => node.OpType is "Add" or "Concat" or "Mul" ? node.Input : node.Input.Take(1);
}
