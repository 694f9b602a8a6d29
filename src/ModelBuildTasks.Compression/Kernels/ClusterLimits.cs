namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Where the clusters of ascending centroids meet: halfway between two neighbours.</summary>
internal static class ClusterLimits
{
    /// <summary>The most centroids there can be: an index is a byte.</summary>
    public const int MaximumClusters = 256;

    /// <summary>For each centroid but the last, the largest float that is not nearer to the next one; what lies in the middle belongs to the lower. Positive infinity fills the rest.</summary>
    /// <param name="centroids">Finite and ascending, no two equal.</param>
    /// <param name="limits">At least as many as centroids.</param>
    /// <exception cref="ArgumentException">There are none, too many, or they do not ascend.</exception>
    public static void Of(ReadOnlySpan<float> centroids, Span<float> limits)
    {
        if (centroids.Length is < 1 or > MaximumClusters)
        {
            throw new ArgumentException($"There are between 1 and {MaximumClusters} centroids, not {centroids.Length}.", nameof(centroids));
        }

        limits.Fill(float.PositiveInfinity);
        for (var i = 0; i + 1 < centroids.Length; i++)
        {
            if (!(centroids[i] < centroids[i + 1]))
            {
                throw new ArgumentException($"Centroids ascend, but {centroids[i + 1]} follows {centroids[i]}.", nameof(centroids));
            }

            var middle = ((double)centroids[i] + centroids[i + 1]) / 2;
            var limit = (float)middle;
            limits[i] = limit > middle ? float.BitDecrement(limit) : limit;
        }
    }
}
