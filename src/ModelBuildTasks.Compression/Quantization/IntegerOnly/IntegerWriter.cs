using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>
/// Puts integer operators in place of what <see cref="QdqWriter"/> wrote: a DequantizeLinear in front of a node and the QuantizeLinear behind it go into the node. So weights, biases and scales are those of static int8.
/// </summary>
internal sealed class IntegerWriter(OnnxModel model, OnnxGraph graph, ValueShapes shapes, QuantizationPlan plan)
{
    private readonly IntegerRules rules = new(graph, model.Opset);
    private readonly QuantizedConstants constants = new(graph);
    private readonly IntegerOperators operators = new(model);

    /// <summary>What became of constants that stand where activations do, by the node that reads them: a table that is looked up, a matrix on the left.</summary>
    public Dictionary<NodeProto, LayerChange> Changes { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Edits the graph; the ports stay float.</summary>
    public void Write()
    {
        foreach (var layer in plan.Layers)
        {
            WriteLayer(layer.Node);
        }

        foreach (var connector in plan.Connectors)
        {
            WriteConnector(connector);
        }
    }

    private void WriteLayer(NodeProto node)
    {
        var (input, weight, output) = (Input(node, 0), Input(node, 1), TakeOutput(node, 0));
        var bias = node.InputOrEmpty(2) is { Length: > 0 } name ? graph.Producer(name)!.Input[0] : "";
        Replace(node, operators.Layer(node, input, weight, bias, output));
    }

    private void WriteConnector(NodeProto node)
    {
        switch (rules.Kind(node))
        {
            case IntegerKind.Rescaler:
                Rescale(node);
                break;
            case IntegerKind.Table:
                LookUp(node);
                break;
            case IntegerKind.Clip:
                Clip(node);
                break;
            case IntegerKind.Mover when BlockMoves.Is(node):
                new BlockMoves(graph, shapes).Write(node, Input(node, 0).Bytes, TakeOutput(node, 0).Bytes);
                break;
            case IntegerKind.Mover:
                if (node.OpType == "Pad")
                {
                    SetPadding(node);
                }

                KeepOperator(node);
                for (var index = 0; index < node.Output.Count; index++)
                {
                    graph.SetOutput(node, index, TakeOutput(node, index).Bytes);
                }

                break;
            default:
                KeepOperator(node);
                break;
        }
    }

    private void KeepOperator(NodeProto node) => graph.SetInput(node, 0, Input(node, 0).Bytes);

    private void Rescale(NodeProto node)
    {
        var inputs = rules.Activations(node).Select(index => Input(node, index)).ToArray();
        var output = TakeOutput(node, 0);
        Replace(node, operators.Rescaler(node, inputs, output));
    }

    private void LookUp(NodeProto node)
    {
        var (position, function) = ElementFunctions.Of(node, graph)!.Value;
        var (input, output) = (Input(node, position), TakeOutput(node, 0));
        var stem = ValueNames.Stem(node.Output[0]);
        var table = graph.AddInitializer(LookupTable.Of(stem + "_t", function, input.Quantization(graph), output.Quantization(graph), graph.Constant(output.ZeroPoint)!.ElementType()));
        var index = graph.UniqueName(stem + "_i");
        graph.Remove(node);
        graph.Add(NewNode.Of("Cast", [input.Bytes], index).With("to", (long)DataType.Int32));
        graph.Add(NewNode.Of("Gather", [table, index], output.Bytes, node.Name));
    }

    private void Clip(NodeProto node)
    {
        var (minimum, maximum) = Absorption.Bounds(node, graph)!.Value;
        var (input, output) = (Input(node, 0), TakeOutput(node, 0));
        string Bound(float bound) => float.IsFinite(bound) ? constants.OfNumber(bound, input) : "";
        graph.Remove(node);
        graph.Add(NewNode.Of("Clip", [input.Bytes, Bound(minimum), Bound(maximum)], output.Bytes, node.Name));
    }

    private void SetPadding(NodeProto node)
    {
        if (node.Text("mode", "constant") == "constant")
        {
            var padding = node.InputOrEmpty(2) is { Length: > 0 } name ? graph.Constant(name)!.Singles()[0] : 0;
            graph.SetInput(node, 2, constants.OfNumber(padding, Input(node, 0)));
        }
    }

    /// <summary>The bytes that an input reads: of a value, of a weight, or of a constant among activations.</summary>
    private QuantizedValue Input(NodeProto node, int index)
    {
        var name = node.Input[index];
        return graph.Producer(name) is { OpType: "DequantizeLinear" } restored ? QuantizedValue.Behind(restored)
            : graph.IsGraphInput(name) && graph.Constant(name) is null ? QuantizedValue.Of(graph.Consumers(name).Single(use => use.Node.OpType == "QuantizeLinear").Node)
            : OfConstant(node, name);
    }

    private QuantizedValue OfConstant(NodeProto node, string name)
    {
        var (value, change) = constants.Of(name);
        Changes[node] = Changes.GetValueOrDefault(node) + change;
        return value;
    }

    /// <summary>What the QuantizeLinear behind an output gives; the node is taken out, as whoever writes the bytes now does its work.</summary>
    private QuantizedValue TakeOutput(NodeProto node, int index)
    {
        var quantize = graph.Consumers(node.Output[index]).Single(use => use.Node.OpType == "QuantizeLinear").Node;
        graph.Remove(quantize);
        return QuantizedValue.Of(quantize);
    }

    private void Replace(NodeProto node, NodeProto replacement)
    {
        graph.Remove(node);
        graph.Add(replacement);
    }
}
