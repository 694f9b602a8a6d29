using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>QuantizeLinear and DequantizeLinear nodes for an operator set.</summary>
/// <param name="graph">The graph that gets them.</param>
/// <param name="model">Its model, which imports the runtime's operators where they are needed.</param>
/// <param name="firstOpset">The first version whose own operators do; below it the runtime's serve, at any version.</param>
internal sealed class QuantizeNodes(OnnxGraph graph, OnnxModel model, int firstOpset = QuantizeNodes.FirstOpsetWithChannels)
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string RuntimeDomain = "com.microsoft";

    /// <summary>The first version whose DequantizeLinear has a scale per channel.</summary>
    private const int FirstOpsetWithChannels = 13;

    private readonly string domain = model.Opset >= firstOpset ? "" : RuntimeDomain;

    public void Quantize(string value, string scale, string zeroPoint, string quantized) => graph.Add(Node("QuantizeLinear", [value, scale, zeroPoint], quantized));

    /// <param name="quantized">The bytes.</param>
    /// <param name="scale">A scalar, or one per channel.</param>
    /// <param name="zeroPoint">Of the same shape, or null for zero.</param>
    /// <param name="value">The name of the restored value.</param>
    /// <param name="axis">The dimension of the channels; null for a scalar scale.</param>
    public void Dequantize(string quantized, string scale, string? zeroPoint, string value, int? axis = null)
    {
        var node = Node("DequantizeLinear", zeroPoint is null ? [quantized, scale] : [quantized, scale, zeroPoint], value);
        if (axis is { } dimension)
        {
            node.With("axis", dimension);
        }

        graph.Add(node);
    }

    private NodeProto Node(string operation, string[] inputs, string output)
    {
        if (domain.Length > 0)
        {
            model.ImportOperatorSet(domain, 1);
        }

        return NewNode.Of(operation, inputs, output, domain: domain);
    }
}
