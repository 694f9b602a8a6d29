using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A weight to round, and the layers that read it.</summary>
/// <param name="Target">The values it may have.</param>
/// <param name="Weight">The weight in the model that is observed.</param>
/// <param name="Inputs">How its layers multiply it.</param>
/// <param name="Readers">The layers.</param>
internal sealed record RoundedLayer(RoundingTarget Target, LayerWeight Weight, LayerInputs Inputs, IReadOnlyList<NodeProto> Readers) : ObservedLayer(Weight, Inputs, Readers)
{
    /// <summary>The layers of a graph whose weights have known targets, in the order in which they run.</summary>
    public static IReadOnlyList<RoundedLayer> Of(OnnxGraph graph, IReadOnlyDictionary<string, RoundingTarget> targets) =>
        [.. Of(graph, (weight, inputs) => targets.TryGetValue(weight.Name, out var target) && weight.Axis == target.Weight.Axis && target.Fits(inputs))
            .Select(layer => new RoundedLayer(targets[layer.Weight.Name], layer.Weight, layer.Inputs, layer.Readers))];
}
