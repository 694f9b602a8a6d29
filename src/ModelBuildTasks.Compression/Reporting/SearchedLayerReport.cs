namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What a search knows of a layer.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Format">The format it was given.</param>
/// <param name="SqnrDb">The SQNR at the model's outputs were this layer alone in its format, as expected from the errors of the layer and their way to the outputs; null for float.</param>
public sealed record SearchedLayerReport(string Name, string Format, double? SqnrDb);
