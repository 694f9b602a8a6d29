using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>How much work the removal of channels and blocks may be: how many samples are run, counted by what they compute, so that it ends alike on every machine.</summary>
internal static class StructuredEffort
{
    private const int Least = 32;

    /// <summary>The effort of a request for a model.</summary>
    /// <param name="effort">The effort of the request.</param>
    /// <param name="layers">The layers of the model, each of which may be fitted in a pass of its own.</param>
    public static RoundingEffort Of(Effort effort, IReadOnlyCollection<ChannelLayer> layers)
    {
        var (most, products) = effort switch
        {
            Effort.Fast => (64, 1e12),
            Effort.Best => (1024, 5e13),
            _ => (256, 5e12),
        };
        var pass = layers.Sum(layer => layer.Products * layer.OutputCount * layer.InputCount);
        return RoundingEffort.Of(effort) with { Samples = (int)Math.Clamp(products / Math.Max(1, pass * layers.Count), Least, most) };
    }
}
