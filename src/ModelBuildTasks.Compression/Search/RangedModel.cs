using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// A compressed model whose activations take their scales and zero points from inputs, so that one session runs it with any ranges. Weights and biases are as the pass wrote them; a bias counts in float, so that it need not follow the scale of its
/// layer's input.
/// </summary>
/// <remarks>To be opened without integer operators, which want constant scales. Their products are exact, so that the results in float are the same but for the last bits.</remarks>
internal sealed class RangedModel
{
    private readonly List<(string RangeOf, string Scale, string ZeroPoint, DataType Type)> inputs = [];

    private RangedModel()
    {
    }

    /// <summary>The values whose ranges decide something, in the order of the graph.</summary>
    public IReadOnlyList<string> Values => [.. inputs.Select(input => input.RangeOf).Distinct(StringComparer.Ordinal)];

    /// <summary>Makes the activations of a compressed model take their scales and zero points from inputs.</summary>
    /// <param name="model">The model as the pass left it; it is edited.</param>
    /// <param name="activations">The activations of its plan.</param>
    public static RangedModel Of(OnnxModel model, IReadOnlyList<QuantizedActivation> activations)
    {
        var ranged = new RangedModel();
        var graph = model.EditGraph();
        foreach (var activation in activations)
        {
            if (activation.RangeOf is { } rangeOf && Quantizer(graph, activation) is { } quantizer)
            {
                ranged.Expose(graph, quantizer, rangeOf);
            }
        }

        graph.RemoveUnused();
        graph.Commit();
        foreach (var (_, scale, zeroPoint, type) in ranged.inputs)
        {
            model.Proto.Graph.Input.Add([Scalar(scale, DataType.Float), Scalar(zeroPoint, type)]);
        }

        return ranged;
    }

    /// <summary>What the inputs are given for ranges.</summary>
    public IEnumerable<KeyValuePair<string, ModelValue>> Inputs(IReadOnlyDictionary<string, ValueRange> ranges)
    {
        foreach (var (rangeOf, scale, zeroPoint, type) in inputs)
        {
            var parameters = ActivationParameters.FromRange(ranges[rangeOf]);
            var zero = type == DataType.Int8 ? (byte)(sbyte)parameters.SignedZeroPoint : (byte)parameters.ZeroPoint;
            yield return KeyValuePair.Create<string, ModelValue>(scale, new TensorValue(DataType.Float, [], BitConverter.GetBytes(parameters.Scale)));
            yield return KeyValuePair.Create<string, ModelValue>(zeroPoint, new TensorValue(type, [], new[] { zero }));
        }
    }

    private void Expose(OnnxGraph graph, NodeProto quantizer, string rangeOf)
    {
        var type = graph.Constant(quantizer.Input[2])!.ElementType();
        var (scale, zeroPoint) = (graph.UniqueName("range_scale"), graph.UniqueName("range_zero"));
        foreach (var node in graph.Consumers(quantizer.Output[0]).Select(use => use.Node).Append(quantizer).ToArray())
        {
            graph.SetInput(node, 1, scale);
            graph.SetInput(node, 2, zeroPoint);
        }

        inputs.Add((rangeOf, scale, zeroPoint, type));
    }

    /// <summary>The QuantizeLinear of an activation; null where the pass had no use for it.</summary>
    private static NodeProto? Quantizer(OnnxGraph graph, QuantizedActivation activation) => activation.FromInt8
        ? graph.Producer(activation.Value) is { OpType: "DequantizeLinear" } restored ? graph.Producer(restored.Input[0]) : null
        : graph.Consumers(activation.Value).Select(use => use.Node).FirstOrDefault(node => node.OpType == "QuantizeLinear");

    private static ValueInfoProto Scalar(string name, DataType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() } } };
}
