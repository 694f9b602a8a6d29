using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>What each format of a layer does to the outputs of its model, all other layers in float.</summary>
/// <param name="Layer">The layer's name.</param>
/// <param name="Ratios">The noise-to-signal ratio at the outputs, by format; 0 for float, which is not in it.</param>
internal sealed record LayerNoise(string Layer, IReadOnlyDictionary<LayerFormat, double> Ratios)
{
    /// <summary>The ratio of a format; 0 where it is not known.</summary>
    public double Of(LayerFormat format) => Ratios.GetValueOrDefault(format);
}
