namespace ModelBuildTasks.Compression.Onnx.OperatorSets;

/// <summary>Rewrites operators of operator set 12 in the form of operator set 14. Version 13 made axes inputs and gave Softmax one axis, 14 took the outputs of training from BatchNormalization.</summary>
internal sealed class OperatorsUntil14(OnnxGraph graph, int from)
{
    private const int AxesAreInputs = 13;
    private const int InferenceHasOneOutput = 14;

    /// <summary>Operators of which every version from 12 to 14 takes in what the one before took, with the same meaning.</summary>
    private static readonly HashSet<string> Unchanged =
    [
        "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "AveragePool", "BitShift", "Cast", "Ceil", "Celu", "Clip", "Compress", "Concat", "ConcatFromSequence",
        "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "Cos", "Cosh", "CumSum", "DepthToSpace", "DequantizeLinear", "Det", "Div", "Dropout", "DynamicQuantizeLinear", "Einsum", "Elu",
        "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor", "GRU", "Gather", "GatherElements", "GatherND", "Gemm", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Greater",
        "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "If", "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LSTM", "LeakyRelu", "Less", "LessOrEqual", "Log", "Loop", "LpNormalization", "LpPool",
        "MatMul", "MatMulInteger", "Max", "MaxPool", "MaxRoiPool", "MaxUnpool", "Mean", "MeanVarianceNormalization", "Min", "Mod", "Mul", "Neg", "NonMaxSuppression", "NonZero", "Not", "OneHot", "Or", "PRelu",
        "Pad", "Pow", "QLinearConv", "QLinearMatMul", "QuantizeLinear", "RNN", "Range", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
        "ReduceProd", "ReduceSumSquare", "Relu", "Reshape", "ReverseSequence", "RoiAlign", "Round", "Scan", "ScatterElements", "ScatterND", "Selu", "SequenceAt", "SequenceConstruct", "SequenceEmpty",
        "SequenceErase", "SequenceInsert", "SequenceLength", "Shape", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Slice", "Softplus", "Softsign", "SpaceToDepth", "SplitToSequence", "Sqrt", "Sub", "Sum",
        "Tan", "Tanh", "ThresholdedRelu", "Tile", "TopK", "Transpose", "Trilu", "Unique", "Where", "Xor",
    ];

    private readonly ValueShapes shapes = new(graph, new Dictionary<string, int>());

    /// <summary>Whether a node can be rewritten.</summary>
    public bool CanFollow(NodeProto node) => Unchanged.Contains(node.OpType) || node.OpType switch
    {
        "ReduceSum" or "Split" or "Squeeze" or "Unsqueeze" => true,
        // All dimensions from the axis on were one before: where that is the last one only, nothing changes.
        "Softmax" or "LogSoftmax" or "Hardmax" => from >= AxesAreInputs || node.Int64("axis", 1) is var axis && (axis == -1 || shapes.Rank(node.Input[0]) is { } rank && axis == rank - 1),
        "BatchNormalization" => from >= InferenceHasOneOutput || node.Output.Count(output => output.Length > 0) == 1,
        "Resize" => node.Text("coordinate_transformation_mode", "half_pixel") != "tf_half_pixel_for_nn",
        // The older form of Resize, which the step to 12 rewrites.
        "Upsample" => true,
        _ => false,
    };

    public void Follow(NodeProto node)
    {
        switch (node.OpType)
        {
            case "ReduceSum" or "Squeeze" or "Unsqueeze" when from < AxesAreInputs:
                node.MoveInt64s(graph, "axes", 1);
                break;
            case "Split" when from < AxesAreInputs:
                node.MoveInt64s(graph, "split", 1);
                break;
            case "Softmax" or "LogSoftmax" or "Hardmax" when from < AxesAreInputs:
                node.RemoveAttribute("axis");
                break;
            case "BatchNormalization" when from < InferenceHasOneOutput:
                while (node.Output.Count > 1)
                {
                    node.Output.RemoveAt(node.Output.Count - 1);
                }

                break;
        }
    }
}
