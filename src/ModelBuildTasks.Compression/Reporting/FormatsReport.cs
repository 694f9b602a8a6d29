namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The numeric formats that the device profile asks for; what each layer got is in <see cref="CompressionReport.Layers"/>.</summary>
/// <param name="Activations">"uint8", "int8" or "float16".</param>
/// <param name="Weights">"int8" or "float16".</param>
/// <param name="PairBound">Whether the weights that a kernel multiplies and adds in 16 bits are kept small enough for that.</param>
public sealed record FormatsReport(string Activations, string Weights, bool PairBound);
