namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A sequence, whose elements may have different shapes.</summary>
/// <param name="Elements">Tensors of one element type.</param>
internal sealed record SequenceValue(IReadOnlyList<ModelValue> Elements) : ModelValue;
