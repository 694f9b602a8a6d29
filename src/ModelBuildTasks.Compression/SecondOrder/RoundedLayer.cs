using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight to round, and the layers that read it.</summary>
/// <param name="Grid">The values it may have.</param>
/// <param name="Weight">The weight in the model that is observed.</param>
/// <param name="Inputs">How its layers multiply it.</param>
/// <param name="Readers">The layers.</param>
internal sealed record RoundedLayer(ByteGrid Grid, LayerWeight Weight, LayerInputs Inputs, IReadOnlyList<NodeProto> Readers)
{
    /// <summary>The values that the weight is multiplied with.</summary>
    public IEnumerable<string> Values => Readers.Select(reader => reader.Input[0]).Distinct(StringComparer.Ordinal);

    /// <summary>The layers of a graph whose weights become bytes in a known way, in the order in which they run.</summary>
    public static IReadOnlyList<RoundedLayer> Of(OnnxGraph graph, IEnumerable<ByteGrid> grids)
    {
        var known = grids.ToDictionary(grid => grid.Weight.Name, StringComparer.Ordinal);
        var found = new OrderedDictionary<string, RoundedLayer>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.IsLayer(graph)))
        {
            if (Layers.Weights(node, graph) is not [var weight] || !known.TryGetValue(weight.Name, out var grid) || weight.Tensor.ElementType() != TensorProto.Types.DataType.Float
                || LayerInputs.Of(node, weight) is not { } inputs || weight.Axis.Axis != grid.Weight.Axis.Axis || weight.Axis.Channels != inputs.Outputs * inputs.Groups)
            {
                continue;
            }

            if (!found.TryGetValue(weight.Name, out var layer))
            {
                found.Add(weight.Name, new RoundedLayer(grid, weight, inputs, [node]));
            }
            else if (layer.Inputs.Groups == inputs.Groups && layer.Inputs.Depth == inputs.Depth)
            {
                found[weight.Name] = layer with { Readers = [.. layer.Readers, node] };
            }
        }

        return [.. found.Values];
    }
}
