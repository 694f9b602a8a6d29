using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

/// <summary>What sharing takes of 10 million weights.</summary>
internal static class KMeansPasses
{
    private const int Length = 10_000_000;
    private const int Clusters = 16;
    private const double RequiredPasses = 3;

    /// <returns>0 when a step with 16 clusters takes at most three memory passes.</returns>
    public static int Run()
    {
        var (weights, indices) = (SelectionPasses.Weights(Length), new byte[Length]);
        var importances = Array.ConvertAll(weights, weight => weight * weight);
        var (cells, weighted) = (ValueCells.Of(weights, []), ValueCells.Of(weights, importances));
        var centroids = KMeans.Of(cells, Clusters, fixesZero: false);
        var (sums, sumWeights) = (new double[Clusters], new double[Clusters]);
        return MemoryPasses.Run(
            weights,
            ("a step over cells", RequiredPasses, () => cells.Accumulate(centroids, sums, sumWeights)),
            ("a step over cells, by importance", RequiredPasses, () => weighted.Accumulate(centroids, sums, sumWeights)),
            ("grouping into cells, once", null, () => _ = ValueCells.Of(weights, []).Occupied),
            ("all steps until nothing moves, without grouping", null, () => KMeans.Of(cells, Clusters, fixesZero: false)),
            ("a step over all values, no cells", null, () => KMeansAssignment.Accumulate(weights, [], centroids, sums, sumWeights)),
            ("indices", null, () => KMeansAssignment.Assign(weights, centroids, indices)));
    }
}
