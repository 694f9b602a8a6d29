using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>How much work rounding may be, counted, so that it ends alike on every machine.</summary>
/// <param name="Steps">In how many steps layers are rounded: those of a step read what all steps before it made.</param>
/// <param name="Samples">How many samples are run at most.</param>
/// <param name="RowsPerInput">How many rows are taken for each input of a layer at most.</param>
/// <param name="Products">Multiply-adds that all layers together may take; those that take most are left to nearest values where they are more.</param>
internal sealed record RoundingEffort(int Steps, int Samples, int RowsPerInput, double Products)
{
    /// <summary>Rows that settle the Hessian of few inputs.</summary>
    private const int LeastRows = 4096;

    /// <summary>The Hessian of more inputs would take more than 170 MB, and its factor as much.</summary>
    private const int MostInputs = 4608;

    /// <summary>The effort of a request that asks for rounding at all.</summary>
    public static RoundingEffort Of(Effort effort) => effort == Effort.Best ? new(64, 256, 64, 1e13) : new(8, 64, 16, 2e11);

    /// <summary>How many rows a layer's Hessian is made of.</summary>
    public int Rows(LayerInputs inputs) => Math.Max(LeastRows, RowsPerInput * inputs.Depth);

    /// <summary>The layers that are worth their work: all, unless they are too many; then those with the fewest products.</summary>
    public IReadOnlyList<TLayer> Affordable<TLayer>(IReadOnlyList<TLayer> layers)
        where TLayer : ObservedLayer
    {
        var left = Products;
        var taken = layers.Where(layer => layer.Inputs.Depth <= MostInputs).OrderBy(Cost).TakeWhile(layer => (left -= Cost(layer)) >= 0).ToHashSet<ObservedLayer>(ReferenceEqualityComparer.Instance);
        return [.. layers.Where(taken.Contains)];
    }

    /// <summary>The Hessian's rows (half of a square), its factor, and three times through the factor for each output.</summary>
    private double Cost(ObservedLayer layer)
    {
        var (depth, inputs) = ((double)layer.Inputs.Depth, layer.Inputs);
        return inputs.Groups * depth * depth * ((Rows(inputs) / 2.0) + (depth / 3) + (1.5 * inputs.Outputs));
    }
}
