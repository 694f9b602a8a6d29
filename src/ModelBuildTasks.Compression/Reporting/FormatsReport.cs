namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The numeric formats that the device profile asks for; what each layer got is in <see cref="CompressionReport.Layers"/>.</summary>
/// <param name="Activations">"uint8", "int8" or "float16".</param>
/// <param name="Weights">"int8" or "float16".</param>
/// <param name="PairBound">Whether two neighbouring weights of one sign stay below the saturation of 16-bit sums.</param>
public sealed record FormatsReport(string Activations, string Weights, bool PairBound);
