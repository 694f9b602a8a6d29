namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A value that is stored as bytes between a QuantizeLinear and a DequantizeLinear.</summary>
/// <param name="Value">Its name in the float graph.</param>
/// <param name="Parameters">Its scale and zero point.</param>
/// <param name="FromInt8">Whether an integer operator writes it: then every reader gets the restored bytes. Otherwise only integer operators do, and the others keep the float value.</param>
/// <param name="RangeOf">The value whose range its parameters hold: itself, or the one that operators before it only moved; null for shares between 0 and 1, whose range is known.</param>
internal sealed record QuantizedActivation(string Value, ActivationParameters Parameters, bool FromInt8, string? RangeOf);
