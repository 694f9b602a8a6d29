namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// k-means in one dimension (Lloyd, 1957): the values that weights share. It starts from the density of the values and not from a random choice, and ends when no centroid moves or after a fixed number of steps.
/// </summary>
internal static class KMeans
{
    /// <summary>More steps move centroids by less than counts.</summary>
    private const int MaximumSteps = 200;

    /// <summary>Centroids of values that are all there.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="importances">One for each value, not negative, or none where all count alike.</param>
    /// <param name="clusters">The most centroids, 1 to 256.</param>
    /// <param name="fixesZero">Whether one centroid is exactly zero and stays there, so that values which are zero remain so.</param>
    /// <returns>Ascending centroids, no two equal. Fewer than asked for where there are fewer values; where there are not more than asked for, they are the values.</returns>
    public static float[] Of(ReadOnlySpan<float> values, ReadOnlySpan<float> importances, int clusters, bool fixesZero) => Of(ValueCells.Of(values, importances), clusters, fixesZero);

    /// <summary>Centroids of values that came in parts.</summary>
    /// <inheritdoc cref="Of(ReadOnlySpan{float}, ReadOnlySpan{float}, int, bool)"/>
    public static float[] Of(ValueCells cells, int clusters, bool fixesZero)
    {
        if (clusters is < 1 or > ClusterLimits.MaximumClusters)
        {
            throw new ArgumentOutOfRangeException(nameof(clusters), clusters, $"There are between 1 and {ClusterLimits.MaximumClusters} clusters.");
        }

        if (DistinctValues(cells, clusters, fixesZero) is { } distinct)
        {
            return distinct;
        }

        var centroids = Start(cells, clusters);
        if (fixesZero)
        {
            centroids[NearestToZero(centroids)] = 0;
        }

        var (sums, weights) = (new double[clusters], new double[clusters]);
        var moves = true;
        for (var step = 0; step < MaximumSteps && moves; step++)
        {
            Accumulate(cells, centroids, sums, weights);
            var moved = Moved(cells, centroids, sums, weights, clusters, fixesZero);
            moves = !moved.AsSpan().SequenceEqual(centroids);
            centroids = moved;
        }

        Accumulate(cells, centroids, sums, weights);
        return [.. centroids.Where((centroid, cluster) => weights[cluster] > 0 || IsFixed(centroid, fixesZero))];
    }

    private static void Accumulate(ValueCells cells, float[] centroids, double[] sums, double[] weights) =>
        cells.Accumulate(centroids, sums.AsSpan(0, centroids.Length), weights.AsSpan(0, centroids.Length));

    private static bool IsFixed(float centroid, bool fixesZero) => fixesZero && centroid == 0;

    /// <summary>All values, where a centroid for each is not too many.</summary>
    private static float[]? DistinctValues(ValueCells cells, int clusters, bool fixesZero)
    {
        var distinct = new SortedSet<float>();
        if (fixesZero)
        {
            distinct.Add(0);
        }

        var occupied = cells.Occupied.Count();
        for (var cell = 0; cell < occupied && distinct.Count <= clusters; cell++)
        {
            var last = float.NaN;
            foreach (var value in cells.Values(cell))
            {
                // Adding zero turns −0 into +0.
                if (value != last && distinct.Add(value + 0f) && distinct.Count > clusters)
                {
                    break;
                }

                last = value;
            }
        }

        return distinct.Count <= clusters ? [.. distinct] : null;
    }

    /// <summary>
    /// Centroids in the middle of equal shares of a power of the density: the best quantizer of many levels has them as dense as its third root (Panter and Dite, 1951). The fourth root is near it and needs no function whose last bit
    /// depends on the platform.
    /// </summary>
    private static float[] Start(ValueCells cells, int clusters)
    {
        var occupied = cells.Occupied.ToArray();
        var shares = Array.ConvertAll(occupied, cell =>
        {
            var width = (double)cell.Largest - cell.Least;
            return Math.Sqrt(Math.Sqrt(cell.Weight / width)) * width;
        });
        var total = 0.0;
        Array.ForEach(shares, share => total += share);
        var centroids = new float[clusters];
        var (index, before) = (0, 0.0);
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var wanted = total * (cluster + 0.5) / clusters;
            while (index < shares.Length - 1 && before + shares[index] < wanted)
            {
                before += shares[index++];
            }

            var (least, largest) = (occupied[index].Least, occupied[index].Largest);
            centroids[cluster] = (float)(least + (((double)largest - least) * Math.Clamp((wanted - before) / shares[index], 0, 1)));
        }

        return Ascending(centroids);
    }

    /// <summary>Each centroid at the mean of its values; those without values where the error is largest.</summary>
    private static float[] Moved(ValueCells cells, float[] centroids, double[] sums, double[] weights, int clusters, bool fixesZero)
    {
        var moved = new List<float>(clusters);
        for (var cluster = 0; cluster < centroids.Length; cluster++)
        {
            var isFixed = IsFixed(centroids[cluster], fixesZero);
            if (isFixed || weights[cluster] > 0)
            {
                // Adding zero turns −0 into +0.
                moved.Add(isFixed ? 0 : (float)(sums[cluster] / weights[cluster]) + 0f);
            }
        }

        var ascending = Ascending(moved);
        while (ascending.Length < clusters && LargestError(cells, ascending) is { } place && Array.BinarySearch(ascending, place) < 0)
        {
            ascending = Ascending([.. ascending, place]);
        }

        return ascending;
    }

    /// <summary>The mean of the cell with the largest squared error; null where there is no error.</summary>
    private static float? LargestError(ValueCells cells, float[] centroids)
    {
        Span<float> limits = stackalloc float[ClusterLimits.MaximumClusters];
        ClusterLimits.Of(centroids, limits);
        var (largest, place) = (0.0, default(float?));
        var cluster = 0;
        foreach (var cell in cells.Occupied)
        {
            if (cell.Weight > 0)
            {
                var mean = cell.Sum / cell.Weight;
                while (limits[cluster] < mean)
                {
                    cluster++;
                }

                var error = (mean - centroids[cluster]) * (mean - centroids[cluster]) * cell.Weight;
                (largest, place) = error > largest ? (error, (float)mean + 0f) : (largest, place);
            }
        }

        return place;
    }

    private static int NearestToZero(float[] centroids) => Array.IndexOf(centroids, centroids.MinBy(Math.Abs));

    private static float[] Ascending(IEnumerable<float> centroids) => [.. centroids.Order().Distinct()];
}
