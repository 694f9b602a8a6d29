using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>
/// Which operators have an integer form, each seen to run on ONNX Runtime 1.31.1's CPU provider with both types of bytes. Whether it is fast plays no part: the promise is that no operator computes on floats.
/// </summary>
internal sealed class IntegerRules(OnnxGraph graph, int opset)
{
    /// <summary>Clip, MaxPool and the reductions take bytes since this version.</summary>
    private const int FirstOpsetOfBytes = 12;

    private static readonly HashSet<string> Movers =
    [
        "DepthToSpace", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "MaxPool", "Pad", "ReduceMax", "ReduceMin", "Reshape", "Resize", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile",
        "Transpose", "Unsqueeze",
    ];

    private static readonly HashSet<string> Readers = ["ArgMax", "ArgMin", "Shape", "Size"];

    /// <summary>How a node computes on bytes; null where it has no integer form.</summary>
    public IntegerKind? Kind(NodeProto node) => !node.IsStandard() ? null
        : opset >= FirstOpsetOfBytes && Absorption.ClipsAroundZero(node, graph) ? IntegerKind.Clip
        : Movers.Contains(node.OpType) ? IntegerKind.Mover
        : Readers.Contains(node.OpType) ? IntegerKind.Reader
        : IntegerOperators.IsRescaler(node) ? IntegerKind.Rescaler
        : ElementFunctions.Of(node, graph) is not null ? IntegerKind.Table
        : null;

    /// <summary>The inputs that hold activations; the others are shapes, indices and bounds.</summary>
    public IEnumerable<int> Activations(NodeProto node) => node.OpType switch
    {
        "Concat" => Enumerable.Range(0, node.Input.Count),
        "Add" or "Mul" or "MatMul" => [0, 1],
        _ => [Kind(node) == IntegerKind.Table ? ElementFunctions.Of(node, graph)!.Value.Input : 0],
    };

    /// <summary>Why a node has no integer form; null where it has one.</summary>
    public string? WhyNot(NodeProto node) => Kind(node) is null ? Absorption.Bounds(node, graph) is null ? "the operator has no integer form" : "its bounds are computed, not constant"
        : node.Output.Any(output => output.Length == 0) ? "one of its outputs is left out"
        : Activations(node).Select(index => node.Input[index]).FirstOrDefault(input => graph.Constant(input) is { } constant && !IsUsable(constant)) is { } wrong ? $"its constant '{wrong}' is not of finite floats"
        : opset < FirstOpsetOfBytes && node.OpType is "MaxPool" or "Resize" or "Pad" or "ReduceMax" or "ReduceMin" or "ArgMax" or "ArgMin"
            ? $"opset {opset} has no {node.OpType} on bytes, and the model could not be raised to a later one"
        : node.OpType switch
        {
            "MaxPool" => node.Output.Count == 1 ? null : "its second output counts in elements of the float tensor",
            "Resize" => node.Text("mode", "nearest") == "nearest" ? null : "only a nearest Resize moves bytes",
            "AveragePool" => node.Attribute("dilations")?.Ints.All(dilation => dilation == 1) != false ? null : "the integer operator has no dilations",
            "Pad" => node.Text("mode", "constant") != "constant" || IsConstantOrLeftOut(node, 2) ? null : "its padding is computed, not constant",
            _ => null,
        };

    private bool IsConstantOrLeftOut(NodeProto node, int input) => node.InputOrEmpty(input) is not { Length: > 0 } name || graph.Constant(name) is { } bound && bound.ElementType() == DataType.Float && bound.ElementCount() == 1;

    private static bool IsUsable(TensorProto constant) => constant.ElementType() == DataType.Float && constant.ElementCount() <= Array.MaxLength && ConstantRange.Of(constant) is not null;
}
