namespace ModelBuildTasks.Compression.Reporting;

/// <summary>How weights share values.</summary>
/// <param name="Values">The values of a codebook, as asked for.</param>
/// <param name="Channels">How many output channels share a codebook; null where all of a weight do.</param>
/// <param name="Layers">How many layers have a codebook.</param>
public sealed record SharingReport(int Values, int? Channels, int Layers);
