using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// Two layers of which the second alone reads what the first gives, through nothing but operators that a positive factor for each channel passes unchanged (positively homogeneous ones). Each weight belongs to its layer alone.
/// </summary>
/// <param name="First">The layer in front.</param>
/// <param name="Second">The layer behind.</param>
/// <param name="IsRectified">Whether a Relu lies between, so that the value has one sign.</param>
internal sealed record LayerPair(NodeProto First, NodeProto Second, bool IsRectified)
{
    /// <summary>The pairs of a graph, by their first layer in the order in which they run.</summary>
    public static IEnumerable<LayerPair> Of(OnnxGraph graph) => graph.Nodes.Where(node => ScaledLayer.IsPossible(node, graph) && ScaledLayer.HasRow(node, graph)).Select(node => Behind(node, graph)).OfType<LayerPair>();

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

            if (ScaledLayer.IsPossible(next, graph))
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

    private static bool Fits(NodeProto first, NodeProto second, OnnxGraph graph) =>
        WeightLayout.Of(second, Layers.Weights(second, graph)[0])!.Value.Inputs == ScaledLayer.Outputs(first, graph);
}
