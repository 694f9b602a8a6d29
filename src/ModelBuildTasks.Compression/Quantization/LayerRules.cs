using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which layers can compute on bytes, told by the layer alone; whether that is faster is told by a cost table and its neighbours (<see cref="QuantizationPlanner"/>).</summary>
internal sealed class LayerRules(OnnxGraph graph, ValueShapes shapes, int opset, IReadOnlyDictionary<string, ValueRange> ranges)
{
    /// <summary>QLinearConv, which a quantized convolution becomes, is in the operator set since this version; below it the runtime refuses the model.</summary>
    public const int FirstOpsetOfIntegerConvolutions = 10;

    /// <summary>Why a layer cannot compute on bytes; null where it can.</summary>
    public string? WhyNotInt8(NodeProto node) => node.OpType switch
    {
        "Conv" => WhyNoConstant(node, 1) ?? WhyNoBias(node) ?? WhyNotOpset() ?? WhyNoRange(node) ?? WhyNoOutputRange(node),
        "Gemm" => WhyNoConstant(node, 1) ?? WhyNoRange(node)
            ?? WhyNotAlpha(node) ?? WhyNoBias(node) ?? WhyNotClip(node),
        "MatMul" => WhyNoConstant(node, 1) ?? WhyNotMatrix(node) ?? WhyNoRange(node) ?? WhyNotAddition(node) ?? WhyNotClip(node),
        "ConvTranspose" => "ONNX Runtime has no integer kernel that a quantized ConvTranspose becomes",
        "LSTM" or "GRU" or "RNN" => "recurrent layers compute in float",
        "Gather" => "it looks up and computes nothing",
        _ => "the operator has no integer form",
    };

    /// <summary>Why a layer has no integer form at all, however slow; null where it has one. Its ranges are another matter.</summary>
    public string? WhyNotInteger(NodeProto node) => node.OpType switch
    {
        "Conv" => WhyNoConstant(node, 1) ?? WhyNoBias(node) ?? WhyNotOpset(),
        "Gemm" => WhyNoConstant(node, 1) ?? WhyNotAlpha(node) ?? WhyNoBias(node),
        "MatMul" => WhyNoConstant(node, 1) ?? (Layers.Weights(node, graph)[0].Tensor.Dims.Count != 2 ? "its weight is no matrix" : null),
        _ => WhyNotInt8(node),
    };

    private string? WhyNoConstant(NodeProto node, int input)
    {
        if (graph.Constant(node.InputOrEmpty(0)) is not null)
        {
            return node.OpType == "MatMul" ? "its weight is the left matrix" : "its input is constant";
        }

        var name = node.InputOrEmpty(input);
        return Layers.Source(name, graph) is { } weight
            ? weight.Tensor.ElementType() == DataType.Float
                ? Layers.Weights(node, graph).Count > 0 ? null : "its weight has too few dimensions or too many elements"
                : $"its weight '{name}' is {weight.Tensor.ElementType()}"
            : Layers.WhyNotConstant(name, graph);
    }

    private static string? WhyNotAlpha(NodeProto node) => node.Single("alpha", 1) is var alpha && float.IsFinite(alpha) && alpha != 0 ? null : "its alpha is zero or not finite";

    // What is no constant row was split off by GemmForms, except where it cannot be.
    private string? WhyNoBias(NodeProto node) => node.InputOrEmpty(2) is not { Length: > 0 } name ? null
        : graph.Constant(name) is { Dims.Count: 1 } bias && bias.ElementType() == DataType.Float && bias.Dims[0] == OutputChannels(node) ? null
        : $"its bias '{name}' is not a constant row of floats";

    private long OutputChannels(NodeProto node) => Layers.Weights(node, graph)[0].Axis.Channels;

    private string? WhyNotOpset() => opset >= FirstOpsetOfIntegerConvolutions ? null : $"opset {opset} has no integer convolution, and the model could not be raised to a later one";

    private string? WhyNoRange(NodeProto node) => HasRange(node.Input[0]) ? null : $"the range of its input '{node.Input[0]}' is not known or not finite";

    private bool HasRange(string value) => ranges.TryGetValue(value, out var range) && float.IsFinite(range.Minimum) && float.IsFinite(range.Maximum);

    private string? WhyNoOutputRange(NodeProto node)
    {
        var output = Absorption.Of(node.Output[0], graph)?.Output[0] ?? node.Output[0];
        return HasRange(output) ? null : $"the range of its output '{output}' is not known or not finite";
    }

    private string? WhyNotMatrix(NodeProto node) => Layers.Weights(node, graph)[0].Tensor.Dims.Count != 2 ? "its weight is no matrix"
        : shapes.Rank(node.Input[0]) is 1 ? "its input is a vector"
        : null;

    // The runtime turns MatMul + Add on matrices into a Gemm with a float bias, which then keeps its DequantizeLinear on every run (measured: 0.18x). GemmForms settles it where ranks are known.
    private string? WhyNotAddition(NodeProto node) =>
        shapes.Rank(node.Input[0]) is null && graph.Consumers(node.Output[0]) is [{ Node: var next }] && next.IsStandard("Add")
            ? $"the rank of its input '{node.Input[0]}' is not known, and the sum behind it may fuse with it into a slower float operator"
            : null;

    private string? WhyNotClip(NodeProto node) => opset < FloatClips.FirstOpsetOfBroadcast && FloatClips.Behind(node.Output[0], graph) is { OpType: "Clip" }
        ? $"opset {opset} has no form of the Clip behind it that lets it fuse"
        : null;
}
