using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// Two layers of which the second alone reads what the first gives, through nothing but operators that a positive factor for each channel passes unchanged (positively homogeneous ones). Each weight belongs to its layer alone.
/// </summary>
/// <param name="First">The layer in front.</param>
/// <param name="Second">The layer behind.</param>
/// <param name="IsRectified">Whether a Relu lies between, so that the value has one sign.</param>
internal sealed record LayerPair(NodeProto First, NodeProto Second, bool IsRectified)
{
    /// <summary>Elements of the largest weight that is taken: weights of pairs are held in memory, and those of convolutions have this size at most.</summary>
    private const long LargestWeight = 1 << 23;

    /// <summary>The pairs of a graph, by their first layer in the order in which they run.</summary>
    public static IEnumerable<LayerPair> Of(OnnxGraph graph) => graph.Nodes.Where(node => IsLayer(node, graph) && HasRow(node, graph)).Select(node => Behind(node, graph)).OfType<LayerPair>();

    private static LayerPair? Behind(NodeProto first, OnnxGraph graph)
    {
        var rectified = false;
        var isConvolution = first.OpType == "Conv";
        for (var value = first.Output[0]; ;)
        {
            if (graph.IsGraphOutput(value) || graph.Consumers(value) is not [{ Index: 0, Node: var next }])
            {
                return null;
            }

            if (IsLayer(next, graph))
            {
                return next.OpType == "Conv" == isConvolution && Fits(first, next, graph) ? new LayerPair(first, next, rectified) : null;
            }

            if (!PassesFactors(next, isConvolution, graph))
            {
                return null;
            }

            rectified |= next.OpType == "Relu";
            value = next.Output[0];
        }
    }

    // A slope may differ between channels: it is multiplied with what has the channel's factor.
    private static bool PassesFactors(NodeProto node, bool isConvolution, OnnxGraph graph) => node.IsStandard() && node.Output.Count == 1
        && (node.OpType is "Relu" or "LeakyRelu" or "Identity" || node.OpType == "PRelu" && graph.Constant(node.InputOrEmpty(1)) is not null
            || isConvolution && node.OpType is "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool");

    private static bool IsLayer(NodeProto node, OnnxGraph graph) => MeanAxes.Axis(node, graph) is not null && Layers.Weights(node, graph) is [{ IsTransposed: false } weight] && weight.Tensor.ElementCount() <= LargestWeight
        && graph.Owner(weight.Name) == graph && !graph.IsGraphOutput(weight.Name) && graph.Consumers(weight.Name).Count == 1 && WeightLayout.Of(node, weight) is not null;

    private static bool HasRow(NodeProto node, OnnxGraph graph) => node.OpType == "MatMul" || node.InputOrEmpty(2) is not { Length: > 0 } name
        || graph.Constant(name) is { Dims.Count: > 0 } bias && bias.ElementType() == DataType.Float && Outputs(node, graph) is var outputs && bias.ElementCount() == outputs && bias.Dims[^1] == outputs;

    private static bool Fits(NodeProto first, NodeProto second, OnnxGraph graph) =>
        WeightLayout.Of(second, Layers.Weights(second, graph)[0])!.Value.Inputs == Outputs(first, graph);

    private static int Outputs(NodeProto node, OnnxGraph graph) => Layers.Weights(node, graph)[0].Axis.Channels;
}
