namespace ModelBuildTasks.Compression.Onnx.OperatorSets;

/// <summary>Rewrites operators of operator sets 7 to 11 in the form of operator set 12.</summary>
internal sealed class OperatorsUntil12(OnnxGraph graph, int from)
{
    /// <summary>Operators of which every version from 7 to 12 takes in what the one before took, with the same meaning.</summary>
    private static readonly HashSet<string> Unchanged =
    [
        "Abs", "Add", "And", "ArgMax", "ArgMin", "AveragePool", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "DepthToSpace", "Div",
        "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "GRU", "Gather", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "Greater", "HardSigmoid", "Hardmax", "Identity",
        "If", "InstanceNormalization", "LRN", "LSTM", "LeakyRelu", "Less", "Log", "LogSoftmax", "Loop", "LpNormalization", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mul", "Neg", "Not", "Or",
        "PRelu", "Pow", "RNN", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare", "Relu", "Reshape", "Selu", "Shape", "Sigmoid", "Sign", "Sin", "Size", "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub",
        "Sum", "Tan", "Tanh", "Tile", "Transpose", "Unsqueeze", "Where", "Xor",
    ];

    /// <summary>Whether a node can be rewritten.</summary>
    public bool CanFollow(NodeProto node) => from >= OperatorSetRaise.Twelve || Unchanged.Contains(node.OpType) || node.OpType switch
    {
        "BatchNormalization" => node.Int64("spatial", 1) == 1,
        "Dropout" => node.Output.Count(output => output.Length > 0) == 1,
        // Its body was told its state by other inputs before.
        "Scan" => from >= 9,
        "Upsample" => node.Text("mode", "nearest") is "nearest" or "linear",
        "Resize" => from >= 11 || node.Text("mode", "nearest") is "nearest" or "linear",
        "Clip" or "Pad" or "Slice" or "TopK" => true,
        _ => false,
    };

    public void Follow(NodeProto node)
    {
        if (from >= OperatorSetRaise.Twelve)
        {
            return;
        }

        switch (node.OpType)
        {
            case "BatchNormalization":
                node.RemoveAttribute("spatial");
                break;
            case "Dropout":
                // Only training reads it.
                node.RemoveAttribute("ratio");
                break;
            case "Clip" when from < 11:
                node.MoveSingle(graph, "min", 1);
                node.MoveSingle(graph, "max", 2);
                break;
            case "Pad" when from < 11:
                node.MoveInt64s(graph, "pads", 1);
                node.MoveSingle(graph, "value", 2);
                break;
            case "Slice" when from < 10:
                node.MoveInt64s(graph, "starts", 1);
                node.MoveInt64s(graph, "ends", 2);
                node.MoveInt64s(graph, "axes", 3);
                break;
            case "TopK" when from < 10:
                graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(AttributeInputs.Name(node, "k"), [node.Int64("k", 1)], 1)));
                node.RemoveAttribute("k");
                break;
            case "Upsample" or "Resize" when from < 11:
                FollowResize(node);
                break;
        }
    }

    /// <summary>Upsample and the first Resize took the pixel at ⌊x / scale⌋; Resize 11 must be told to.</summary>
    private void FollowResize(NodeProto node)
    {
        if (node.Attribute("scales") is { } scales)
        {
            var factors = TensorValues.Create(AttributeInputs.Name(node, "scales"), scales.Floats.ToArray().AsSpan(), scales.Floats.Count);
            graph.SetInput(node, 1, graph.AddInitializer(factors));
            node.RemoveAttribute("scales");
        }

        graph.SetInput(node, 2, node.Input[1]);
        graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(AttributeInputs.Name(node, "roi"), ReadOnlySpan<float>.Empty, 0)));
        node.OpType = "Resize";
        node.Attribute.Add(Text("coordinate_transformation_mode", "asymmetric"));
        node.Attribute.Add(Text("nearest_mode", "floor"));
    }

    private static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8(value) };
}
