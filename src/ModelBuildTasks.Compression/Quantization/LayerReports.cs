using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Reports of layers, those inside subgraphs included.</summary>
internal static class LayerReports
{
    public static string Name(LayerFormat format) => format switch { LayerFormat.Int8 => "int8", LayerFormat.Int8Weights => "int8-weights", _ => "float" };

    /// <summary>Layers in the bodies of If, Loop and Scan: they stay float.</summary>
    public static IEnumerable<LayerReport> InSubgraphs(IEnumerable<NodeProto> nodes)
    {
        foreach (var holder in nodes)
        {
            foreach (var (node, constants) in Subgraphs.Of(holder).SelectMany(Layered))
            {
                var bytes = constants.Where(constant => node.Input.Contains(constant.Name)).Sum(constant => constant.SizeInBytes());
                yield return new LayerReport(node.DisplayName(), node.OpType, Name(LayerFormat.Float), null, bytes, bytes, $"it is inside a subgraph of {holder.OpType} '{holder.DisplayName()}'");
            }
        }
    }

    private static IEnumerable<(NodeProto Node, IEnumerable<TensorProto> Constants)> Layered(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            if (node.IsLayerOperation())
            {
                yield return (node, graph.Initializer);
            }

            foreach (var inner in Subgraphs.Of(node).SelectMany(Layered))
            {
                yield return inner;
            }
        }
    }
}
