namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// A dimension of a model's input or output: a size, or the name of one that is known only when the model runs; neither where the model
/// says nothing.
/// </summary>
internal sealed record OnnxDimension(long? Size, string? Name);
