namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A weight that is stored in less than floats.</summary>
/// <param name="Change">What became of it.</param>
/// <param name="Format">int4-weights, int8-weights or shared.</param>
/// <param name="WhyBytes">Why it has eight bits where four were wanted.</param>
internal readonly record struct WrittenWeight(LayerChange Change, LayerFormat Format, string? WhyBytes);
