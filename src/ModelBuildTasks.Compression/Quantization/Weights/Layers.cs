using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Which nodes have weights, and along which axis each output channel of them lies (the operators' definitions, docs/Operators.md of ONNX).</summary>
internal static class Layers
{
    private static readonly HashSet<string> Operations = ["Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN", "Gather"];

    /// <summary>Whether a node is a layer: an operator with weights. Gather is one where it looks up a constant table of floats.</summary>
    public static bool IsLayer(this NodeProto node, OnnxGraph graph) => node.IsStandard() && Operations.Contains(node.OpType)
        && (node.OpType != "Gather" || graph.Constant(node.InputOrEmpty(0)) is { Dims.Count: >= 2 } table && IsFloatingPoint(table));

    /// <summary>The inputs that hold weights, whether or not they are constant.</summary>
    public static IReadOnlyList<int> WeightInputs(NodeProto node, OnnxGraph graph) => node.OpType switch
    {
        "LSTM" or "GRU" or "RNN" => [1, 2],
        "Gather" => [0],
        // A matrix times a column: some exporters write the weight on the left.
        "MatMul" => graph.Constant(node.InputOrEmpty(0)) is not null && Source(node.InputOrEmpty(1), graph) is null ? [0] : [1],
        _ => [1],
    };

    /// <summary>The floating-point constants among a layer's weights; those that no rule covers are left out.</summary>
    public static IReadOnlyList<LayerWeight> Weights(NodeProto node, OnnxGraph graph) =>
        [.. WeightInputs(node, graph).Select(input => Weight(node, input, graph)).OfType<LayerWeight>()];

    /// <summary>Bytes of a layer's constants: weights, biases, and what else it reads.</summary>
    public static long ConstantBytes(NodeProto node, OnnxGraph graph) =>
        node.Input.Distinct().Select(input => Source(input, graph)?.Tensor).OfType<TensorProto>().Sum(tensor => tensor.SizeInBytes());

    /// <summary>Why a value is no constant weight.</summary>
    public static string WhyNotConstant(string name, OnnxGraph graph) =>
        graph.Owner(name)?.IsGraphInput(name) == true ? $"its weight '{name}' is an input of the model"
        : graph.IsSparse(name) ? $"its weight '{name}' is sparse, and smaller than its bytes would be"
        : $"its weight '{name}' is computed, not constant";

    /// <summary>Whether weights of this type can be stored as bytes.</summary>
    public static bool IsFloatingPoint(TensorProto tensor) => FloatConversion.IsKnown(tensor.ElementType());

    /// <summary>The matrix behind a value: the constant itself, or the one that a Transpose turns.</summary>
    public static (string Name, TensorProto Tensor, bool IsTransposed)? Source(string value, OnnxGraph graph)
    {
        if (graph.Constant(value) is { } constant)
        {
            return (value, constant, false);
        }

        return graph.Owner(value)?.Producer(value) is { } node && node.IsStandard("Transpose") && graph.Constant(node.InputOrEmpty(0)) is { Dims.Count: 2 } turned
            && node.Attribute("perm")?.Ints is null or [1, 0]
            ? (node.Input[0], turned, true)
            : null;
    }

    private static LayerWeight? Weight(NodeProto node, int input, OnnxGraph graph)
    {
        if (Source(node.InputOrEmpty(input), graph) is not { } source || !IsFloatingPoint(source.Tensor)
            || source.IsTransposed && node.OpType is not ("Gemm" or "MatMul")
            || source.Tensor.Dims.Count < 2 || source.Tensor.ElementCount() is 0 || source.Tensor.ElementCount() > Array.MaxLength)
        {
            return null;
        }

        var (name, tensor, isTransposed) = source;
        var rank = tensor.Dims.Count;
        return node.OpType switch
        {
            "Conv" => Along(0),
            // [inputs, outputs / groups, kernel …]: the groups share a scale, which is exact where the weight is restored before use.
            "ConvTranspose" => Along(1),
            "Gemm" => rank == 2 ? Along(node.Int64("transB", 0) != 0 ? 0 : 1) : null,
            "MatMul" => Along(input == 0 ? rank - 2 : rank - 1),
            "LSTM" or "GRU" or "RNN" => rank == 3 ? Along(0, 2) : null,
            "Gather" => node.Int64("axis", 0) is var axis && axis >= -rank && axis < rank ? Along((int)(axis < 0 ? axis + rank : axis)) : null,
            _ => null,
        };

        LayerWeight Along(int axis, int axes = 1)
        {
            axis = isTransposed ? 1 - axis : axis;
            // Leading ones are left out: broadcasting adds them.
            var dims = tensor.Dims.Skip(axis).Select((dimension, index) => index < axes ? dimension : 1);
            return new LayerWeight(input, name, tensor, ChannelAxis.Of(tensor, axis, axes), [.. dims], isTransposed);
        }
    }
}
