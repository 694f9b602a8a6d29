namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A part of a rounded weight as the floats that layers compute with.</summary>
/// <param name="Start">The place of the first value in the weight.</param>
/// <param name="Values">The values, in the order of the weight; valid until the next part is asked for.</param>
internal readonly record struct RestoredPart(long Start, ReadOnlyMemory<float> Values);
