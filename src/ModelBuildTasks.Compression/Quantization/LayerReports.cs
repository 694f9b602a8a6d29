using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Reports of layers, those inside subgraphs included.</summary>
internal static class LayerReports
{
    public static LayerReport Of(NodeProto node, LayerFormat format, string? reason, long bytesBefore, LayerChange? change) => new(
        node.DisplayName(),
        node.OpType,
        format switch { LayerFormat.Int8 => "int8", LayerFormat.Int8Weights => "int8-weights", _ => "float" },
        change?.SqnrDb,
        bytesBefore,
        change?.Bytes ?? bytesBefore,
        reason);

    /// <summary>Layers in the bodies of If, Loop and Scan: they stay float.</summary>
    public static IEnumerable<LayerReport> InSubgraphs(IEnumerable<NodeProto> nodes)
    {
        foreach (var holder in nodes)
        {
            foreach (var node in Subgraphs.Of(holder).SelectMany(Layered))
            {
                yield return Of(node, LayerFormat.Float, $"it is inside a subgraph of {holder.OpType} '{holder.DisplayName()}'", 0, null);
            }
        }
    }

    private static IEnumerable<NodeProto> Layered(GraphProto graph)
    {
        foreach (var node in graph.Node)
        {
            if (node.IsLayerOperation())
            {
                yield return node;
            }

            foreach (var inner in Subgraphs.Of(node).SelectMany(Layered))
            {
                yield return inner;
            }
        }
    }
}
