using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight, and the layers that read it.</summary>
/// <param name="Weight">The weight in the model that is observed.</param>
/// <param name="Inputs">How its layers multiply it.</param>
/// <param name="Readers">The layers.</param>
internal record ObservedLayer(LayerWeight Weight, LayerInputs Inputs, IReadOnlyList<NodeProto> Readers)
{
    /// <summary>The values that the weight is multiplied with.</summary>
    public IEnumerable<string> Values => Readers.Select(reader => reader.Input[0]).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// The layers of a graph that are products of what they read and a weight, in the order in which they run. A weight that is read in another way too, as a table or along its other axis, is left out: what is taken back for one
    /// reader is no error's opposite for another.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isWanted">Which weights are wanted.</param>
    public static IReadOnlyList<ObservedLayer> Of(OnnxGraph graph, Func<LayerWeight, LayerInputs, bool> isWanted)
    {
        var found = new OrderedDictionary<string, ObservedLayer>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => node.IsLayer(graph)))
        {
            if (Layers.Weights(node, graph) is not [var weight] || weight.Tensor.ElementType() != DataType.Float || LayerInputs.Of(node, weight) is not { } inputs || !isWanted(weight, inputs))
            {
                continue;
            }

            if (!found.TryGetValue(weight.Name, out var layer))
            {
                found.Add(weight.Name, new ObservedLayer(weight, inputs, [node]));
            }
            else if (layer.Inputs.Groups == inputs.Groups && layer.Inputs.Depth == inputs.Depth && layer.Weight.Axis == weight.Axis)
            {
                found[weight.Name] = layer with { Readers = [.. layer.Readers, node] };
            }
        }

        return [.. found.Values.Where(layer => layer.IsAllThatReads(graph, layer.Weight.Name))];
    }

    private bool IsAllThatReads(OnnxGraph graph, string value) => graph.Consumers(value).All(use => Readers.Contains(use.Node, ReferenceEqualityComparer.Instance)
        || (use.Node.IsStandard("Transpose") && !graph.IsGraphOutput(use.Node.Output[0]) && IsAllThatReads(graph, use.Node.Output[0])));
}
