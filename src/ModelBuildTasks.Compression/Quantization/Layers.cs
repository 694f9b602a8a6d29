using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which nodes have weights, and along which axis each output channel of them lies (the operators' definitions, docs/Operators.md of ONNX).</summary>
internal static class Layers
{
    private static readonly HashSet<string> Operations = ["Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN", "Gather"];

    /// <summary>Whether a node is a layer: an operator with weights. Gather is one where it looks up a constant table of floats.</summary>
    public static bool IsLayer(this NodeProto node, OnnxGraph graph) => node.IsStandard() && Operations.Contains(node.OpType)
        && (node.OpType != "Gather" || graph.Constant(node.InputOrEmpty(0)) is { } table && table.ElementType() == DataType.Float && table.Dims.Count >= 2);

    /// <summary>Whether a node of a subgraph would be a layer in the main graph.</summary>
    public static bool IsLayerOperation(this NodeProto node) => node.IsStandard() && Operations.Contains(node.OpType) && node.OpType != "Gather";

    /// <summary>The inputs that hold weights, whether or not they are constant.</summary>
    public static IReadOnlyList<int> WeightInputs(NodeProto node) => node.OpType switch
    {
        "LSTM" or "GRU" or "RNN" => [1, 2],
        "Gather" => [0],
        _ => [1],
    };

    /// <summary>The float constants among a layer's weights; those that no rule covers are left out.</summary>
    public static IReadOnlyList<LayerWeight> Weights(NodeProto node, OnnxGraph graph) =>
        [.. WeightInputs(node).Select(input => Weight(node, input, graph)).OfType<LayerWeight>()];

    /// <summary>Bytes of a layer's constants: weights, biases, and what else it reads.</summary>
    public static long ConstantBytes(NodeProto node, OnnxGraph graph) => node.Input.Distinct().Select(graph.Constant).OfType<TensorProto>().Sum(tensor => tensor.SizeInBytes());

    private static LayerWeight? Weight(NodeProto node, int input, OnnxGraph graph)
    {
        if (graph.Constant(node.InputOrEmpty(input)) is not { } tensor || tensor.ElementType() != DataType.Float
            || tensor.Dims.Count < 2 || tensor.ElementCount() is 0 || tensor.ElementCount() > Array.MaxLength)
        {
            return null;
        }

        var rank = tensor.Dims.Count;
        return node.OpType switch
        {
            "Conv" => Along(0),
            // [inputs, outputs / groups, kernel …]: the groups share a scale, which is exact where the weight is restored before use.
            "ConvTranspose" => Along(1),
            "Gemm" => rank == 2 ? Along(node.Int64("transB", 0) != 0 ? 0 : 1) : null,
            "MatMul" => Along(rank - 1),
            "LSTM" or "GRU" or "RNN" => rank == 3 ? Along(0, 2) : null,
            "Gather" => node.Int64("axis", 0) is 0 ? Along(0) : null,
            _ => null,
        };

        LayerWeight Along(int axis, int axes = 1)
        {
            // Leading ones are left out: broadcasting adds them.
            var dims = tensor.Dims.Skip(axis).Select((dimension, index) => index < axes ? dimension : 1);
            return new LayerWeight(input, tensor, ChannelAxis.Of(tensor, axis, axes), [.. dims]);
        }
    }
}
