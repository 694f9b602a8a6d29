namespace ModelBuildTasks.Compression.Reporting;

/// <summary>How many lines a text recognizer reads without a mistake, among the samples that judged.</summary>
/// <param name="Original">The share of the original, between 0 and 1.</param>
/// <param name="Compressed">The share of the compressed model, between 0 and 1.</param>
/// <param name="Labelled">Whether right is what the labels say; else it is what the original reads.</param>
public sealed record LinesReport(double Original, double Compressed, bool Labelled);
