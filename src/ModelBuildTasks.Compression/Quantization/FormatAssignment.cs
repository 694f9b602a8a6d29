using System.Collections.Frozen;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which format each layer of a model is to have, where it can have it.</summary>
/// <param name="Default">What all layers are to be without a choice of their own.</param>
internal sealed record FormatAssignment(LayerChoice Default)
{
    /// <summary>Bytes wherever they pay.</summary>
    public static FormatAssignment Int8 { get; } = new(new LayerChoice(LayerFormat.Int8));

    /// <summary>Weights as bytes.</summary>
    public static FormatAssignment Int8Weights { get; } = new(new LayerChoice(LayerFormat.Int8Weights));

    /// <summary>Weights as bytes, activations in 16 bits.</summary>
    public static FormatAssignment Int16 { get; } = new(new LayerChoice(LayerFormat.Int16));

    /// <summary>Matrix products and LSTMs on bytes, with scales that are told on each run; the weights of all others as bytes.</summary>
    public static FormatAssignment Int8Dynamic { get; } = new(new LayerChoice(LayerFormat.Int8Dynamic));

    /// <summary>How weights of four bits are stored.</summary>
    public BlockOptions Blocks { get; init; } = BlockOptions.Default;

    /// <summary>Chooses the values of codebooks; null where no layer has one.</summary>
    public IValueSharing? Sharing { get; init; }

    /// <summary>The layers with a choice of their own, by name: every node of a simplified model has a name that no other has.</summary>
    public IReadOnlyDictionary<string, LayerChoice> Choices { get; init; } = FrozenDictionary<string, LayerChoice>.Empty;

    /// <summary>What a layer is to be.</summary>
    public LayerChoice Of(NodeProto layer) => Choices.GetValueOrDefault(layer.DisplayName(), Default);

    /// <summary>What a layer is to be where its activations are not to have scales of calibration.</summary>
    public LayerFormat WithoutRanges(NodeProto layer) => Of(layer) is var choice && choice.Preferred == LayerFormat.Int8 ? choice.Otherwise : choice.Preferred;

    /// <summary>Weights of four bits.</summary>
    public static FormatAssignment Int4Weights(BlockOptions blocks) => new(new LayerChoice(LayerFormat.Int4Weights)) { Blocks = blocks };

    /// <summary>Weights as indices of a codebook.</summary>
    public static FormatAssignment Shared(IValueSharing sharing) => new(new LayerChoice(LayerFormat.Shared)) { Sharing = sharing };

    /// <summary>Whether a layer is to have a format, as far as an assignment tells without the model.</summary>
    public bool MayHave(LayerFormat format) => Choices.Values.Append(Default).Any(choice => choice.Preferred == format || choice.Otherwise == format);
}
