using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>An output of a probed model that is the energy of the error which one format makes in the result of one layer, all else in float.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Format">The format.</param>
/// <param name="Value">The result that the error is in; its own energy is another output.</param>
/// <param name="Output">The output's name: a number, Σ (y − y′)².</param>
internal sealed record NoiseProbe(string Layer, LayerFormat Format, string Value, string Output);
