using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization.Smoothing;

/// <summary>An activation whose channels can be scaled: products with constant weights alone read its values, and something in front of it takes the factors in.</summary>
/// <param name="Value">Its name.</param>
/// <param name="Channels">How many channels its last dimension has.</param>
/// <param name="Source">What is in front.</param>
/// <param name="Layers">The products that read it, in the order of the graph.</param>
internal sealed record SmoothedActivation(string Value, int Channels, ChannelSource Source, IReadOnlyList<NodeProto> Layers)
{
    /// <summary>The activations of a graph, in the order in which they are computed.</summary>
    public static IEnumerable<SmoothedActivation> Of(OnnxGraph graph) => graph.Nodes.Where(node => !IsReshape(node)).Select(node => Of(node, graph)).OfType<SmoothedActivation>();

    private static SmoothedActivation? Of(NodeProto node, OnnxGraph graph)
    {
        if (node.Output.Count == 0 || node.Output[0] is not { Length: > 0 } value)
        {
            return null;
        }

        var layers = new List<NodeProto>();
        return AddLayers(value, graph, layers) && layers.Count > 0 && layers.Select(layer => Inputs(layer, graph)).Distinct().ToArray() is [> 1 and var channels] && ChannelSource.Of(value, channels, graph) is { } source
            ? new(value, channels, source, layers)
            : null;
    }

    /// <summary>Adds the layers that read a value, through changes of its shape too; false where anything else reads its numbers.</summary>
    private static bool AddLayers(string value, OnnxGraph graph, List<NodeProto> layers)
    {
        if (graph.IsGraphOutput(value))
        {
            return false;
        }

        foreach (var (node, index) in graph.Consumers(value))
        {
            if (index == 0 && node.OpType is "Gemm" or "MatMul" && ScaledLayer.IsPossible(node, graph))
            {
                layers.Add(node);
            }
            else if (index != 0 || !(IsReshape(node) ? AddLayers(node.Output[0], graph, layers) : node.IsStandard("Shape") || node.IsStandard("Size")))
            {
                return false;
            }
        }

        return true;
    }

    // Rows of as many numbers as a layer reads stay rows.
    private static bool IsReshape(NodeProto node) => node.IsStandard() && node.OpType is "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Identity";

    private static int Inputs(NodeProto layer, OnnxGraph graph) => WeightLayout.Of(layer, Weights.Layers.Weights(layer, graph)[0])!.Value.Inputs;
}
