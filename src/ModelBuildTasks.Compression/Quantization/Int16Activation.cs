namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A value that is stored in 16 bits between a QuantizeLinear and a DequantizeLinear.</summary>
/// <param name="Value">Its name in the float graph.</param>
/// <param name="Parameters">Its scale and zero point.</param>
/// <param name="ForAll">Whether every reader gets the restored value, as a layer or an operator between layers writes it; otherwise only layers do.</param>
internal sealed record Int16Activation(string Value, Int16Parameters Parameters, bool ForAll);
