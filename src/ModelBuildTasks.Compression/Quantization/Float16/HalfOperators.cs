using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>
/// The operators that compute in float16, and why others do not: what they take by the specification (docs/Operators.md and docs/Changelog.md of ONNX), and what 11 bits of precision and a range from 6e-8 to 65504 allow.
/// </summary>
internal static class HalfOperators
{
    private const string Sums = "it sums many values, and a float16 sum overflows or stops counting";
    private const string Range = "ordinary inputs take its result out of the range of float16";
    private const string Digits = "it needs all digits of its input";
    private const string Decides = "it decides between values that float16 would make equal";

    private static readonly HalfForm All = new(null, null);
    private static readonly HalfForm First = new([0], [0]);
    private static readonly HalfForm FirstIntoAll = new([0], null);
    private static readonly HalfForm FirstThree = new([0, 1, 2], [0]);

    private static readonly Dictionary<string, HalfForm> Forms = new()
    {
        // Products: kernels add them up in more than 16 bits.
        ["Conv"] = All, ["ConvTranspose"] = All, ["Gemm"] = All, ["MatMul"] = All, ["Einsum"] = All,
        ["GRU"] = new([0, 1, 2, 3, 5], null), ["LSTM"] = new([0, 1, 2, 3, 5, 6, 7], null), ["RNN"] = new([0, 1, 2, 3, 5], null),
        // Element by element.
        ["Abs"] = All, ["Add"] = All, ["Clip"] = All, ["Div"] = All, ["Elu"] = All, ["Erf"] = All, ["Gelu"] = All, ["HardSigmoid"] = All, ["HardSwish"] = All, ["LeakyRelu"] = All, ["Max"] = All, ["Min"] = All,
        ["Mul"] = All, ["Neg"] = All, ["PRelu"] = All, ["Relu"] = All, ["Selu"] = All, ["Sigmoid"] = All, ["Sign"] = All, ["Softsign"] = All, ["Sub"] = All, ["Sum"] = All, ["Tanh"] = All, ["ThresholdedRelu"] = All,
        ["Where"] = new([1, 2], [0]), ["Dropout"] = First,
        // A share of 1 each: the largest is subtracted before the powers are taken.
        ["LogSoftmax"] = All, ["Softmax"] = All,
        // The specification has their sums in float (stash_type).
        ["LayerNormalization"] = FirstThree, ["RMSNormalization"] = new([0, 1], [0]), ["GroupNormalization"] = FirstThree, ["BatchNormalization"] = First,
        // A few values each.
        ["AveragePool"] = All, ["GlobalMaxPool"] = All, ["MaxPool"] = First, ["ReduceMax"] = First, ["ReduceMin"] = First,
        // Resize counts coordinates with scales and a region of interest that stay float.
        ["Resize"] = First, ["Upsample"] = First,
        // Movers.
        ["Concat"] = All, ["DepthToSpace"] = All, ["Expand"] = First, ["Flatten"] = All, ["Gather"] = First, ["GatherElements"] = First, ["GatherND"] = First, ["Identity"] = All, ["Pad"] = new([0, 2], [0]),
        ["Reshape"] = First, ["ScatterElements"] = new([0, 2], [0]), ["ScatterND"] = new([0, 2], [0]), ["Slice"] = First, ["SpaceToDepth"] = All, ["Split"] = FirstIntoAll, ["Squeeze"] = First, ["Tile"] = First,
        ["Transpose"] = All, ["Unsqueeze"] = First,
    };

    /// <summary>Why operators stay float, though most have a float16 form.</summary>
    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["CumSum"] = Sums, ["GlobalAveragePool"] = Sums, ["GlobalLpPool"] = Sums, ["InstanceNormalization"] = Sums, ["LRN"] = Sums, ["LpNormalization"] = Sums, ["LpPool"] = Sums, ["Mean"] = Sums,
        ["MeanVarianceNormalization"] = Sums, ["ReduceL1"] = Sums, ["ReduceL2"] = Sums, ["ReduceLogSum"] = Sums, ["ReduceLogSumExp"] = Sums, ["ReduceMean"] = Sums, ["ReduceProd"] = Sums, ["ReduceSum"] = Sums,
        ["ReduceSumSquare"] = Sums,
        ["Exp"] = Range, ["Log"] = Range, ["Mish"] = Range, ["Pow"] = Range, ["Reciprocal"] = Range, ["Softplus"] = Range, ["Sqrt"] = Range,
        ["Ceil"] = Digits, ["Cos"] = Digits, ["Floor"] = Digits, ["GridSample"] = Digits, ["Mod"] = Digits, ["Range"] = Digits, ["RoiAlign"] = Digits, ["Round"] = Digits, ["Sin"] = Digits, ["Tan"] = Digits,
        ["ArgMax"] = Decides, ["ArgMin"] = Decides, ["Equal"] = Decides, ["Greater"] = Decides, ["GreaterOrEqual"] = Decides, ["Less"] = Decides, ["LessOrEqual"] = Decides, ["NonMaxSuppression"] = Decides, ["TopK"] = Decides,
    };

    /// <summary>What becomes float16 of a node; null where it stays float.</summary>
    /// <param name="node">The node.</param>
    /// <param name="opset">The version of the default operator set.</param>
    public static HalfForm? Form(NodeProto node, int opset) => !node.IsStandard() || WhyNotVersion(node, opset) is not null ? null : Forms.GetValueOrDefault(node.OpType) switch
    {
        // Scale and bias have the type of the input before version 15, mean and variance one of their own.
        _ when node.OpType == "BatchNormalization" && opset < 15 => FirstThree,
        var form => form,
    };

    /// <summary>Why a node stays float that has no form.</summary>
    public static string WhyFloat(NodeProto node, int opset) => !node.IsStandard() ? $"its operator is one of '{node.Domain}'"
        : WhyNotVersion(node, opset) ?? Reasons.GetValueOrDefault(node.OpType) ?? "the operator has no float16 form";

    // A variance that is rounded as part of its tensor may become 0.
    private static string? WhyNotVersion(NodeProto node, int opset) => node.OpType switch
    {
        "BatchNormalization" when opset < 14 => $"in opset {opset} its variance would be float16 too",
        "BatchNormalization" when node.Int64("training_mode", 0) != 0 => "it trains",
        "GroupNormalization" when opset < 21 => Sums,
        _ => null,
    };
}
