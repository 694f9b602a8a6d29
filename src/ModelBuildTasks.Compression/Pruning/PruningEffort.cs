using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How much work pruning by samples may be, counted.</summary>
/// <param name="Observation">Steps, samples, rows of Hessians, and what Hessians may take.</param>
/// <param name="OrderProducts">Multiply-adds that the orders of removal may take, all layers together; those that take most are pruned by feedback where they are more.</param>
/// <param name="RunProducts">Multiply-adds that the model's own runs may take.</param>
/// <param name="Reorders">Whether the order of a layer's weights is found again once the layers before it are pruned.</param>
internal sealed record PruningEffort(RoundingEffort Observation, double OrderProducts, double RunProducts, bool Reorders)
{
    /// <summary>Fewer samples are not worth the trouble.</summary>
    private const int LeastSamples = 64;

    /// <summary>The effort of a request.</summary>
    public static PruningEffort Of(Effort effort) => effort switch
    {
        Effort.Fast => new(new(2, 256, 16, 2e11), 0, 1e11, false),
        Effort.Best => new(new(64, 4096, 64, 1e13), 1e13, 1e13, true),
        _ => new(new(8, 1024, 16, 4e11), 2e11, 4e11, false),
    };

    /// <summary>How many samples are run.</summary>
    /// <param name="products">Multiply-adds of a run of one.</param>
    public int Samples(double products) => (int)Math.Clamp(RunProducts / (products * (Observation.Steps + 1)), LeastSamples, Observation.Samples);

    /// <summary>The layers whose weights are removed in the exact order: all, unless that takes too long; then those that take least.</summary>
    public HashSet<ObservedLayer> Exact(IEnumerable<ObservedLayer> layers)
    {
        var left = OrderProducts;
        return layers.OrderBy(Cost).TakeWhile(layer => (left -= Cost(layer)) >= 0).ToHashSet<ObservedLayer>(ReferenceEqualityComparer.Instance);
    }

    /// <summary>Of each output the rows that leave H⁻¹, half of a square at a time: a sixth of a cube; and twice a fit of those that stay, which takes as much at most.</summary>
    private static double Cost(ObservedLayer layer)
    {
        double depth = layer.Inputs.Depth;
        return layer.Inputs.Groups * layer.Inputs.Outputs * depth * depth * depth / 3;
    }
}
