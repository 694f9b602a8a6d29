using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// How far the pairs of a layer's weights must be bounded: 128 where an input can be any unsigned byte, as nearly all can (what calibration has not seen saturates at 255), and less where the operator that
/// computes it says so.
/// </summary>
/// <param name="graph">The graph, its activations not rewritten yet.</param>
/// <param name="absorbed">The operators whose clipping an integer operator took over: their bounds are those of the bytes.</param>
/// <param name="opset">The version of the default operator set.</param>
internal sealed class PairLimits(OnnxGraph graph, IEnumerable<NodeProto> absorbed, int opset)
{
    private readonly HashSet<NodeProto> absorbed = new(absorbed, ReferenceEqualityComparer.Instance);

    /// <summary>The largest |q0 + q1| of a layer's weights; <see cref="PairBound.NoLimit"/> where any two are safe.</summary>
    public int Of(NodeProto layer, LayerWeight weight, ActivationParameters input)
    {
        // Shares of one sum: two of them are 255 together and 256 when both are rounded up, and 256 · 127 is 32512.
        if (graph.Producer(layer.Input[0]) is { } producer && producer.IsStandard("Softmax") && input == ActivationParameters.OfShares && SumsShares(layer, weight, producer))
        {
            return PairBound.NoLimit;
        }

        var largest = Math.Ceiling((UpperBound(layer.Input[0]) / input.Scale) + input.ZeroPoint);
        // Padding is the stored zero.
        return PairBound.LimitFor((int)Math.Clamp(largest, input.ZeroPoint, byte.MaxValue));
    }

    /// <summary>Whether the products of an output are those of one share each, all of the same sum.</summary>
    private bool SumsShares(NodeProto layer, LayerWeight weight, NodeProto softmax)
    {
        var axis = SoftmaxAxis.Of(softmax, opset);
        if (layer.OpType == "Conv")
        {
            var rank = weight.Tensor.Dims.Count;
            return weight.Tensor.Dims.Skip(2).All(dimension => dimension == 1)
                && (axis < 0 ? axis + rank : axis) is var channelAxis && (channelAxis == 1 || !SoftmaxAxis.IsAlone(opset) && channelAxis == 0);
        }

        return layer.Int64("transA", 0) == 0 && (axis == -1 || !SoftmaxAxis.IsAlone(opset));
    }

    /// <summary>What a value never exceeds, told by the operators that compute it in float.</summary>
    private double UpperBound(string value)
    {
        for (var node = graph.Producer(value); node is not null && !absorbed.Contains(node); node = graph.Producer(node.InputOrEmpty(0)))
        {
            if (node.IsStandard("Sigmoid") || node.IsStandard("HardSigmoid") || node.IsStandard("Softmax") || node.IsStandard("Tanh") || node.IsStandard("Softsign"))
            {
                return 1;
            }

            if (node.IsStandard("Clip"))
            {
                return graph.Constant(node.InputOrEmpty(2)) is { } bound && bound.ElementType() == DataType.Float && bound.ElementCount() == 1 ? bound.Singles()[0] : double.PositiveInfinity;
            }

            if (!ConnectorRules.KeepsScale(node) || ConnectorRules.WhyNot(node, int.MaxValue) is not null)
            {
                break;
            }
        }

        return double.PositiveInfinity;
    }
}
