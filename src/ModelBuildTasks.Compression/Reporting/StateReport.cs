namespace ModelBuildTasks.Compression.Reporting;

/// <summary>A state that was carried from sample to sample, because the data does not give it.</summary>
/// <param name="Input">The input that takes it.</param>
/// <param name="Output">The output that gives its next value.</param>
public sealed record StateReport(string Input, string Output);
