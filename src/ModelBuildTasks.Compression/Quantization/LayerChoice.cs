namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What a layer is to be.</summary>
/// <param name="Preferred">The format to have if it can.</param>
/// <param name="Otherwise">The format where the layer cannot compute on bytes, or not faster.</param>
/// <param name="Penalty">Nanoseconds by which the layer is taken to be slower on bytes than the cost table has it: the price of its errors, and of alternatives that are faster than float. At least 0.</param>
internal readonly record struct LayerChoice(LayerFormat Preferred, LayerFormat Otherwise = LayerFormat.Int8Weights, double Penalty = 0);
