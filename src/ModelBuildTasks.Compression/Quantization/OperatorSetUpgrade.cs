using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Raises a model from operator set 1 to 11 to operator set 12, the first in which convolutions (10) and MaxPool (12) take bytes and Gemm can do
/// without a bias (11). Later versions change operators whose meaning
/// depends on shapes (Softmax), so that a per-channel DequantizeLinear is had from the runtime's own operators instead. What changed in between: docs/Changelog.md of ONNX.
/// </summary>
internal sealed class OperatorSetUpgrade
{
    public const int Target = 12;

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

    private readonly OnnxGraph graph;
    private readonly int from;
    private readonly OldOperators old;

    private OperatorSetUpgrade(OnnxGraph graph, int from)
    {
        this.graph = graph;
        this.from = from;
        old = new OldOperators(graph, from);
    }

    /// <summary>Raises the model where its layers or a MaxPool behind them gain from it and every operator can follow; otherwise changes nothing.</summary>
    public static void RaiseForActivations(OnnxModel model, OnnxGraph graph)
    {
        var nodes = graph.Nodes;
        bool Has(string operation) => nodes.Any(node => node.IsStandard(operation));
        var needed = Has("Conv") && (model.Opset < LayerRules.FirstOpsetOfIntegerConvolutions || Has("MaxPool"))
            || model.Opset < GemmForms.FirstOpsetWithoutBias && (Has("Gemm") || Has("MatMul"));
        if (!needed || !Raise(model, graph))
        {
            RaiseForWeights(model, graph);
        }
    }

    /// <summary>Raises the model where its operator set has no product of a weight and its scales, and every operator can follow; otherwise changes nothing.</summary>
    public static void RaiseForWeights(OnnxModel model, OnnxGraph graph)
    {
        if (model.Opset is > 0 and < OldOperators.Target && graph.WithInner().Any(each => each.Nodes.Any(node => node.IsLayer(each))))
        {
            Raise(model, graph);
        }
    }

    /// <summary>Raises the model where every operator can follow, whatever it gains; otherwise changes nothing.</summary>
    public static void RaiseForIntegers(OnnxModel model, OnnxGraph graph)
    {
        if (model.Opset is > 0 and < Target)
        {
            Raise(model, graph);
        }
    }

    private static bool Raise(OnnxModel model, OnnxGraph graph)
    {
        var upgrades = graph.WithInner().Select(each => new OperatorSetUpgrade(each, model.Opset)).ToArray();
        if (model.Opset >= Target || !Array.TrueForAll(upgrades, upgrade => upgrade.graph.Nodes.All(upgrade.CanFollow)))
        {
            return false;
        }

        // From the inside out: what is inside is committed before the graph around it is edited.
        foreach (var upgrade in upgrades.Reverse())
        {
            foreach (var node in upgrade.graph.Nodes.Where(node => node.IsStandard()))
            {
                upgrade.old.Follow(node);
                upgrade.Follow(node);
            }

            if (upgrade.graph != graph)
            {
                upgrade.graph.Commit();
            }
        }

        model.ImportOperatorSet("", Target);
        return true;
    }

    private bool CanFollow(NodeProto node) => !node.IsStandard() || old.CanFollow(node) && (Unchanged.Contains(node.OpType) || node.OpType switch
    {
        "BatchNormalization" => node.Int64("spatial", 1) == 1,
        "Dropout" => node.Output.Count(output => output.Length > 0) == 1,
        // Its body was told its state by other inputs before.
        "Scan" => from >= 9,
        "Upsample" => node.Text("mode", "nearest") is "nearest" or "linear",
        "Resize" => from >= 11 || node.Text("mode", "nearest") is "nearest" or "linear",
        "Clip" or "Pad" or "Slice" or "TopK" => true,
        _ => false,
    });

    private void Follow(NodeProto node)
    {
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
                MoveSingle(node, "min", 1);
                MoveSingle(node, "max", 2);
                break;
            case "Pad" when from < 11:
                MoveInt64s(node, "pads", 1);
                MoveSingle(node, "value", 2);
                break;
            case "Slice" when from < 10:
                MoveInt64s(node, "starts", 1);
                MoveInt64s(node, "ends", 2);
                MoveInt64s(node, "axes", 3);
                break;
            case "TopK" when from < 10:
                graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(Name(node, "k"), [node.Int64("k", 1)], 1)));
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
            var factors = TensorValues.Create(Name(node, "scales"), scales.Floats.ToArray().AsSpan(), scales.Floats.Count);
            graph.SetInput(node, 1, graph.AddInitializer(factors));
            node.RemoveAttribute("scales");
        }

        graph.SetInput(node, 2, node.Input[1]);
        graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(Name(node, "roi"), ReadOnlySpan<float>.Empty, 0)));
        node.OpType = "Resize";
        node.Attribute.Add(Text("coordinate_transformation_mode", "asymmetric"));
        node.Attribute.Add(Text("nearest_mode", "floor"));
    }

    private void MoveSingle(NodeProto node, string attribute, int input)
    {
        if (node.Attribute(attribute) is { } written)
        {
            graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(Name(node, attribute), [written.F])));
            node.RemoveAttribute(attribute);
        }
    }

    private void MoveInt64s(NodeProto node, string attribute, int input)
    {
        if (node.Attribute(attribute) is { } written)
        {
            graph.SetInput(node, input, graph.AddInitializer(TensorValues.Create(Name(node, attribute), written.Ints.ToArray().AsSpan(), written.Ints.Count)));
            node.RemoveAttribute(attribute);
        }
    }

    private static string Name(NodeProto node, string attribute) => $"{ValueNames.Stem(node.Output[0])}_{attribute}";

    private static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8(value) };
}
