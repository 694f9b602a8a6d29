using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// The operators without weights that ONNX Runtime runs on bytes between a DequantizeLinear and a QuantizeLinear, each seen to fuse on 1.31.1. Pad, GlobalMaxPool, ReduceMean,
/// HardSigmoid, HardSwish and linear Resize were seen not to.
/// </summary>
internal static class ConnectorRules
{
    /// <summary>Operators that move bytes: the result has the scale of the first input.</summary>
    private static readonly HashSet<string> Movers =
        ["DepthToSpace", "Expand", "Flatten", "Gather", "MaxPool", "Reshape", "Resize", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze"];

    /// <summary>Operators with an integer kernel that rescales to a range of its own.</summary>
    private static readonly HashSet<string> Rescalers = ["Add", "AveragePool", "Concat", "GlobalAveragePool", "LeakyRelu", "Mul"];

    public static bool IsConnector(NodeProto node, int opset) => node.IsStandard() && node.OpType switch
    {
        // Bytes are in its type list since version 12; the second output counts in elements of the float tensor.
        "MaxPool" => opset >= 12 && node.Output.Count == 1,
        "Resize" => opset >= 11 && node.Text("mode", "nearest") == "nearest",
        _ => Movers.Contains(node.OpType) || Rescalers.Contains(node.OpType),
    };

    /// <summary>Whether the result has the scale of the first input.</summary>
    public static bool KeepsScale(NodeProto node) => Movers.Contains(node.OpType);

    /// <summary>The inputs that hold activations; the others are shapes and indices.</summary>
    public static IEnumerable<string> Activations(NodeProto node) => node.OpType is "Add" or "Concat" or "Mul" ? node.Input : node.Input.Take(1);
}
