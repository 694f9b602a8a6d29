using System.Collections.Frozen;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which format each layer of a model is to have, where it can have it; where it cannot, or would be slower with it, the plan chooses a lesser one.</summary>
/// <param name="Default">The format of all layers without one of their own.</param>
internal sealed record FormatAssignment(LayerFormat Default)
{
    /// <summary>Bytes wherever they pay.</summary>
    public static FormatAssignment Int8 { get; } = new(LayerFormat.Int8);

    /// <summary>Weights as bytes.</summary>
    public static FormatAssignment Int8Weights { get; } = new(LayerFormat.Int8Weights);

    /// <summary>The layers with a format of their own, by name: every node of a simplified model has a name that no other has.</summary>
    public IReadOnlyDictionary<string, LayerFormat> Exceptions { get; init; } = FrozenDictionary<string, LayerFormat>.Empty;

    /// <summary>What a layer is to be.</summary>
    public LayerFormat Of(NodeProto layer) => Exceptions.GetValueOrDefault(layer.DisplayName(), Default);

    /// <summary>Whether a layer is to have a format, as far as an assignment tells without the model.</summary>
    public bool MayHave(LayerFormat format) => Default == format || Exceptions.Values.Contains(format);
}
