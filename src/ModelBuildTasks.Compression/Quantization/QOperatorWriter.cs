using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Puts integer operators in place of what <see cref="QdqWriter"/> wrote, where ONNX Runtime would when it loads the model: DequantizeLinear, an operator, QuantizeLinear become one node. What is between bytes and floats
/// keeps its QuantizeLinear or DequantizeLinear, and so does an operator that has no integer form.
/// </summary>
internal sealed class QOperatorWriter(OnnxModel model, OnnxGraph graph)
{
    private readonly IntegerOperators operators = new(model);

    /// <summary>Edits the graph.</summary>
    /// <param name="onBytes">The nodes that a plan has computing on bytes, written by <see cref="QdqWriter"/>.</param>
    public void Write(IEnumerable<NodeProto> onBytes)
    {
        var members = onBytes.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes.Where(members.Contains))
        {
            if (node.OpType is "Conv" or "Gemm" or "MatMul")
            {
                WriteLayer(node);
            }
            // Releases that have all other operators (1.11 to 1.17 were tried) have no DepthToSpace on bytes.
            else if (ConnectorRules.KeepsScale(node) && node.OpType != "DepthToSpace")
            {
                Move(node);
            }
            else if (IntegerOperators.IsRescaler(node) && !HasDilations(node))
            {
                Rescale(node);
            }
        }
    }

    private void WriteLayer(NodeProto node)
    {
        if (Bytes(node.Input[0]) is not { } input || Bytes(node.Input[1]) is not { } weight)
        {
            return;
        }

        var bias = node.InputOrEmpty(2) is { Length: > 0 } name ? Dequantize(name)!.Input[0] : "";
        if (QuantizeBehind(node.Output[0]) is { } quantize && (node.OpType == "Gemm" || model.Opset >= IntegerOperators.FirstOpset))
        {
            graph.Remove(quantize);
            Replace(node, operators.Layer(node, input, weight, bias, QuantizedValue.Of(quantize)));
        }
        else if (node.OpType != "Conv")
        {
            Replace(node, operators.Product(node, input, weight, bias, node.Output[0]));
        }
    }

    private void Rescale(NodeProto node)
    {
        var inputs = ConnectorRules.Activations(node).Select(Bytes).OfType<QuantizedValue>().ToArray();
        if (inputs.Length == ConnectorRules.Activations(node).Count() && QuantizeBehind(node.Output[0]) is { } quantize)
        {
            graph.Remove(quantize);
            Replace(node, operators.Rescaler(node, inputs, QuantizedValue.Of(quantize)));
        }
    }

    private void Move(NodeProto node)
    {
        var quantizes = node.Output.Select(QuantizeBehind).OfType<NodeProto>().ToArray();
        if (quantizes.Length == node.Output.Count && Bytes(node.Input[0]) is { } input)
        {
            graph.SetInput(node, 0, input.Bytes);
            for (var index = 0; index < quantizes.Length; index++)
            {
                graph.Remove(quantizes[index]);
                graph.SetOutput(node, index, quantizes[index].Output[0]);
            }
        }
    }

    private void Replace(NodeProto node, NodeProto replacement)
    {
        graph.Remove(node);
        graph.Add(replacement);
    }

    private static bool HasDilations(NodeProto node) => node.Attribute("dilations")?.Ints.Any(dilation => dilation != 1) == true;

    /// <summary>The bytes behind a restored value; null where the value is float.</summary>
    private QuantizedValue? Bytes(string value) => Dequantize(value) is { Input.Count: 3 } dequantize ? QuantizedValue.Behind(dequantize) : null;

    private NodeProto? Dequantize(string value) => graph.Producer(value) is { OpType: "DequantizeLinear" } node ? node : null;

    /// <summary>The QuantizeLinear that alone reads a value; null where anybody else does.</summary>
    private NodeProto? QuantizeBehind(string value) =>
        !graph.IsGraphOutput(value) && graph.Consumers(value) is [{ Index: 0, Node: { OpType: "QuantizeLinear" } quantize }] ? quantize : null;
}
