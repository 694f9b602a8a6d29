using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Reporting;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Decides for one layer after the other whether its weights are stored as bytes, and does it. It knows every layer as it was before the first edit.</summary>
internal sealed class WeightStorage
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly WeightOnlyWriter writer;
    private readonly Dictionary<NodeProto, Layer> layers = new(ReferenceEqualityComparer.Instance);

    private sealed record Layer(string Name, bool Kept, long Bytes, IReadOnlyList<(string Name, LayerWeight Weight)> Weights, string? WhyNone);

    public WeightStorage(OnnxGraph graph, IReadOnlyList<string> keepFloat)
    {
        this.graph = graph;
        this.keepFloat = keepFloat;
        writer = new WeightOnlyWriter(graph);
        foreach (var node in graph.Nodes.Where(node => node.IsLayer(graph)))
        {
            layers.Add(node, new Layer(
                node.DisplayName(),
                NodePatterns.Match(keepFloat, node.DisplayName()),
                Layers.ConstantBytes(node, graph),
                [.. Layers.Weights(node, graph).Select(weight => (node.Input[weight.Input], weight))],
                WhyNone(node)));
        }
    }

    /// <summary>The report of a layer whose constants another writer changed, or nobody.</summary>
    public LayerReport Report(NodeProto node, LayerFormat format, string? reason, LayerChange? change) => new(
        layers[node].Name,
        node.OpType,
        LayerReports.Name(format),
        change?.SqnrDb,
        layers[node].Bytes,
        change?.Bytes ?? layers[node].Bytes,
        reason);

    /// <summary>Readers that stay float take the bytes of an int8 layer's weight too, so that the float weight can go; unless KeepFloat names one of them.</summary>
    public void ShareWithOthers(IEnumerable<KeyValuePair<string, StoredWeight>> stored)
    {
        foreach (var (name, weight) in stored)
        {
            if (graph.Consumers(name).Count > 0 && WhyNotShared(name) is null)
            {
                writer.Restore(name, weight);
            }
        }
    }

    /// <param name="node">A layer.</param>
    /// <param name="reason">Why its activations stay float; null where nobody asked for more.</param>
    public LayerReport Store(NodeProto node, string? reason)
    {
        var layer = layers[node];
        if (layer.Kept || layer.Weights.Count == 0)
        {
            return Report(node, LayerFormat.Float, layer.Kept ? Reasons.KeptFloat : reason ?? layer.WhyNone, null);
        }

        var change = default(LayerChange);
        var (stored, bytes) = (0, 0L);
        var why = Reasons.TooSmall;
        foreach (var (name, weight) in layer.Weights)
        {
            if (WhyNotShared(name) is { } shared)
            {
                why = shared;
            }
            else if (writer.Write(name, weight) is { } written)
            {
                change += written;
                bytes += weight.Tensor.SizeInBytes();
                stored++;
            }
        }

        return stored == 0
            ? Report(node, LayerFormat.Float, reason is null ? why : $"{reason}; {why}", null)
            : Report(node, LayerFormat.Int8Weights, reason, change with { Bytes = layer.Bytes - bytes + change.Bytes });
    }

    private string? WhyNotShared(string name) => graph.IsGraphOutput(name) ? $"its weight '{name}' is an output of the model"
        : graph.Consumers(name).FirstOrDefault(use => NodePatterns.Match(keepFloat, use.Node.DisplayName())).Node is { } kept ? $"it shares its weight '{name}' with '{kept.DisplayName()}', which KeepFloat names"
        : null;

    private string WhyNone(NodeProto node)
    {
        var name = node.InputOrEmpty(Layers.WeightInputs(node)[0]);
        return graph.Constant(name) is { } tensor
            ? tensor.ElementType() == DataType.Float ? "no rule covers the shape of its weight" : $"its weight '{name}' is {tensor.ElementType()}"
            : graph.IsGraphInput(name) ? $"its weight '{name}' is an input of the model that a caller may override" : $"its weight '{name}' is computed, not constant";
    }
}
