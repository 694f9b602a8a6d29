using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Nodes that compute on bytes, in place of a float node between DequantizeLinear and QuantizeLinear: those of the default operator set (docs/Operators.md of ONNX) and the runtime's own (docs/ContribOperators.md of ONNX
/// Runtime). They take over the name and the attributes of the float node.
/// </summary>
internal sealed class IntegerOperators(OnnxModel model)
{
    /// <summary>QLinearConv and QLinearMatMul are in the default operator set since this version.</summary>
    public const int FirstOpset = 10;

    private static readonly HashSet<string> Rescalers = ["Add", "AveragePool", "Concat", "GlobalAveragePool", "LeakyRelu", "MatMul", "Mul", "Sigmoid", "Softmax"];

    /// <summary>Whether a node without weights has an integer form that rescales to a range of its own.</summary>
    public static bool IsRescaler(NodeProto node) => node.IsStandard() && Rescalers.Contains(node.OpType);

    /// <summary>A Conv, Gemm or MatMul.</summary>
    /// <param name="node">The float node.</param>
    /// <param name="input">Its activation.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="bias">A bias in the unit of the products; empty where there is none, and always for MatMul.</param>
    /// <param name="output">What it writes.</param>
    public NodeProto Layer(NodeProto node, QuantizedValue input, QuantizedValue weight, string bias, QuantizedValue output)
    {
        string[] operands = [.. Names(input), .. Names(weight)];
        string[] scales = [output.Scale, output.ZeroPoint];
        return Replacing(node, output.Bytes, node.OpType switch
        {
            "Conv" => Standard("QLinearConv", [.. operands, .. scales, .. bias.Length > 0 ? [bias] : Array.Empty<string>()]),
            "Gemm" => OfRuntime("QGemm", [.. operands, bias, .. scales]),
            _ => Standard("QLinearMatMul", [.. operands, .. scales]),
        });
    }

    /// <summary>A Gemm or MatMul whose result stays float.</summary>
    /// <inheritdoc cref="Layer"/>
    public NodeProto Product(NodeProto node, QuantizedValue input, QuantizedValue weight, string bias, string output) => Replacing(node, output, node.OpType == "Gemm"
        ? OfRuntime("QGemm", [.. Names(input), .. Names(weight), .. bias.Length > 0 ? [bias] : Array.Empty<string>()])
        : OfRuntime("MatMulIntegerToFloat", [input.Bytes, weight.Bytes, input.Scale, weight.Scale, input.ZeroPoint, weight.ZeroPoint]));

    /// <summary>A node for which <see cref="IsRescaler"/> holds.</summary>
    /// <param name="node">The float node.</param>
    /// <param name="inputs">All its activations.</param>
    /// <param name="output">What it writes.</param>
    public NodeProto Rescaler(NodeProto node, IEnumerable<QuantizedValue> inputs, QuantizedValue output)
    {
        string[] operands = [.. inputs.SelectMany(Names)];
        string[] scales = [output.Scale, output.ZeroPoint];
        var replacement = Replacing(node, output.Bytes, node.OpType switch
        {
            "Concat" => OfRuntime("QLinearConcat", [.. scales, .. operands]),
            "MatMul" => Standard("QLinearMatMul", [.. operands, .. scales]),
            _ => OfRuntime("QLinear" + node.OpType, [.. operands, .. scales]),
        });
        if (node.OpType == "Softmax")
        {
            // The operator of the runtime has one default for all versions.
            if (node.Attribute("axis") is null)
            {
                replacement.With("axis", SoftmaxAxis.Of(node, model.Opset));
            }

            replacement.With("opset", model.Opset);
        }

        return replacement;
    }

    private static NodeProto Replacing(NodeProto node, string output, NodeProto replacement)
    {
        // All dilations are one where there are any, and the operator of the runtime does not know them.
        replacement.Attribute.AddRange(node.Attribute.Where(attribute => node.OpType != "AveragePool" || attribute.Name != "dilations"));
        replacement.Output.Add(output);
        if (node.Name.Length > 0)
        {
            replacement.Name = node.Name;
        }

        return replacement;
    }

    private static IEnumerable<string> Names(QuantizedValue value) => [value.Bytes, value.Scale, value.ZeroPoint];

    private static NodeProto Standard(string operation, string[] inputs)
    {
        var node = new NodeProto { OpType = operation };
        node.Input.AddRange(inputs);
        return node;
    }

    private NodeProto OfRuntime(string operation, string[] inputs)
    {
        var node = Standard(operation, inputs);
        node.Domain = QuantizeNodes.RuntimeDomain;
        model.ImportOperatorSet(QuantizeNodes.RuntimeDomain, 1);
        return node;
    }
}
