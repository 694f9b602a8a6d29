using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What becomes of a layer, and why not more.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Format">What it computes with.</param>
/// <param name="Reason">Why its activations (or its weights too) stay float; null where the layer has the format that it was to have.</param>
internal sealed record LayerDecision(NodeProto Node, LayerFormat Format, string? Reason)
{
    public static LayerDecision Int8(NodeProto node) => new(node, LayerFormat.Int8, null);

    public static LayerDecision Assigned(NodeProto node, LayerFormat format) => new(node, format, format == LayerFormat.Float ? Reasons.AssignedFloat : null);

    /// <summary>A layer that was to be int8 and cannot, or not faster.</summary>
    public static LayerDecision Instead(NodeProto node, LayerFormat format, string reason) => new(node, format, reason);

    public static LayerDecision Float(NodeProto node, string reason) => new(node, LayerFormat.Float, reason);
}
