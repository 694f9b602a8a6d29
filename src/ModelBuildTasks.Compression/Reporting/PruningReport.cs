namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What pruning took out of a model.</summary>
/// <param name="Method">magnitude, obs, obd, structured or layers: what was done where auto was asked for.</param>
/// <param name="Asked">The share or the pattern that was asked for: "0.5", "2:4".</param>
/// <param name="WeightsBefore">The weights and biases of the model before.</param>
/// <param name="WeightsAfter">Those that are still there, zeros included: fewer only where whole channels or blocks went.</param>
/// <param name="Sparsity">The share of zeros among the weights of the layers that were pruned, between 0 and 1.</param>
public sealed record PruningReport(string Method, string Asked, long WeightsBefore, long WeightsAfter, double Sparsity)
{
    /// <summary>What became of each layer that could be pruned.</summary>
    public IReadOnlyList<PrunedLayerReport> Layers { get; init; } = [];
}
