namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight whose elements share a few values.</summary>
/// <param name="Weight">The weight; finite.</param>
/// <param name="Sharing">Chooses the values.</param>
internal sealed record CodebookGrid(LayerWeight Weight, IValueSharing Sharing);
