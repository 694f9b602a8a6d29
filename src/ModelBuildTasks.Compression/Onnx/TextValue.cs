namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A tensor of strings.</summary>
/// <param name="Shape">The dimensions, batch axis included.</param>
/// <param name="Elements">Row-major, in UTF-8.</param>
internal sealed record TextValue(long[] Shape, IReadOnlyList<ReadOnlyMemory<byte>> Elements) : ModelValue;
