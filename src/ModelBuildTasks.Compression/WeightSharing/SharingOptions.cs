namespace ModelBuildTasks.Compression.WeightSharing;

/// <summary>How many values the weights of a layer share.</summary>
/// <param name="Values">The values of a codebook: 2 to 256.</param>
/// <param name="Channels">How many output channels share a codebook; null where all channels of a weight share one.</param>
public sealed record SharingOptions(int Values, int? Channels = null);
