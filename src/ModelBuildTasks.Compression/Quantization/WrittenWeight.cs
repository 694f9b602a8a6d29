namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A weight that is stored in less than floats.</summary>
/// <param name="Change">What became of it.</param>
/// <param name="IsInBlocks">Whether it has four bits; else eight.</param>
/// <param name="WhyBytes">Why it has eight bits where four were wanted.</param>
internal readonly record struct WrittenWeight(LayerChange Change, bool IsInBlocks, string? WhyBytes);
