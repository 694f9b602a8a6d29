using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx.OperatorSets;

/// <summary>
/// Rewrites operators of operator sets 1 to 6 in the form of operator set 7, the first in which two tensors broadcast as they do today (docs/Changelog.md of ONNX). ONNX Runtime still runs many of them, but
/// has no product of those times.
/// </summary>
internal sealed class OldOperators(OnnxGraph graph, int from)
{
    public const int Target = 7;

    private static readonly HashSet<string> Broadcasting = ["Add", "And", "Div", "Equal", "Gemm", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"];

    /// <summary>Whether a node can be rewritten without knowing the shapes that reach it.</summary>
    public bool CanFollow(NodeProto node) => from >= Target || !node.IsStandard() || node.OpType switch
    {
        // A broadcast that does not begin at the last axis.
        _ when Broadcasting.Contains(node.OpType) => node.Attribute("axis") is null,
        // Without it the node trains.
        "BatchNormalization" or "Dropout" => node.Int64("is_test", 0) != 0,
        "PRelu" => graph.Constant(node.InputOrEmpty(1))?.ElementCount() == 1,
        "Cast" => from >= 6 || node.Attribute("to") is { S.IsEmpty: false },
        "Reshape" => from >= 5 || node.Attribute("shape") is not null,
        "Split" => from >= 2 || node.Input.Count == 1,
        "Tile" => from >= 6,
        "Upsample" => false,
        _ => true,
    };

    public void Follow(NodeProto node)
    {
        if (from >= Target || !node.IsStandard())
        {
            return;
        }

        // What operators said to runtimes of their time: which inputs may be overwritten, how to broadcast, that nobody trains, which outputs to make.
        foreach (var attribute in (string[])["consumed_inputs", "broadcast", "is_test", "output_sequence"])
        {
            node.RemoveAttribute(attribute);
        }

        switch (node.OpType)
        {
            case "Cast" when from < 6:
                var type = Enum.Parse<DataType>(node.Text("to", ""), ignoreCase: true);
                node.RemoveAttribute("to");
                node.With("to", (long)type);
                break;
            case "Concat" when from < 4 && node.Attribute("axis") is null:
                node.With("axis", 1);
                break;
            case "Pad" when from < 2:
                node.Attribute("paddings")?.Name = "pads";
                break;
            case "Reshape" when from < 5:
                var shape = node.Attribute("shape")!.Ints.ToArray();
                graph.SetInput(node, 1, graph.AddInitializer(TensorValues.Create(ValueNames.Stem(node.Output[0]) + "_shape", shape.AsSpan(), shape.Length)));
                node.RemoveAttribute("shape");
                break;
        }
    }
}
