using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class KMeansTests
{
    [TestMethod]
    public void Clear_clusters_have_their_means() => CollectionAssert.AreEqual(new[] { -10f, 1.5f, 20 }, KMeans.Of([1, 20, -11, 2, -9, 1, 2, 20], [], 3, fixesZero: false));

    [TestMethod]
    public void Important_values_draw_a_centroid_to_them() => CollectionAssert.AreEqual(new[] { -1f, 2.75f }, KMeans.Of([2, 3, -1], [1, 3, 5], 2, fixesZero: false));

    [TestMethod]
    public void Values_of_no_importance_draw_nothing() => CollectionAssert.AreEqual(new[] { 1f, 3 }, KMeans.Of([1, 3, 100, 101], [1, 1, 0, 0], 2, fixesZero: false));

    [TestMethod]
    public void Not_more_values_than_clusters_are_the_centroids()
    {
        CollectionAssert.AreEqual(new[] { -2f, 0, 5 }, KMeans.Of([5, -2, 0, -0f, 5], [], 16, fixesZero: false));
        CollectionAssert.AreEqual(new[] { -2f, 0, 5 }, KMeans.Of([5, -2, 5], [], 3, fixesZero: true));
        CollectionAssert.AreEqual(Array.Empty<float>(), KMeans.Of([], [], 3, fixesZero: false));
    }

    [TestMethod]
    public void One_cluster_is_the_mean() => CollectionAssert.AreEqual(new[] { 3f }, KMeans.Of([1, 2, 6], [], 1, fixesZero: false));

    [TestMethod]
    public void A_fixed_zero_stays_where_it_is()
    {
        foreach (var clusters in new[] { 1, 2, 4, 16, 100 })
        {
            // A quarter of these is zero; the others have another mean.
            var values = KernelData.Values(4000, seed: clusters).Select(value => value == 0 ? 0 : value + 3).ToArray();
            var centroids = KMeans.Of(values, [], clusters, fixesZero: true);
            var zero = Array.IndexOf(centroids, 0f);
            Assert.IsGreaterThanOrEqualTo(0, zero);
            Assert.AreEqual(0, BitConverter.SingleToInt32Bits(centroids[zero]));
            var indices = new byte[values.Length];
            KMeansAssignment.Assign(values, centroids, indices);
            Assert.IsTrue(values.Zip(indices).All(pair => pair.First != 0 || pair.Second == zero));
        }
    }

    [TestMethod]
    public void Centroids_ascend_are_as_many_as_asked_for_and_every_one_is_used()
    {
        foreach (var clusters in new[] { 2, 3, 15, 16, 64, 256 })
        {
            var values = KernelData.Values(5000, seed: clusters);
            // Far from all others, so that a start by density leaves centroids between them.
            values[7] = 1e9f;
            values[8] = -3e20f;
            var centroids = KMeans.Of(values, [], clusters, fixesZero: false);
            Assert.HasCount(clusters, centroids);
            var indices = new byte[values.Length];
            KMeansAssignment.Assign(values, centroids, indices);
            Assert.AreEqual(clusters, indices.Distinct().Count());
        }
    }

    [TestMethod]
    public void No_centroid_differs_from_the_mean_of_its_values()
    {
        foreach (var given in new[] { [], KernelData.Values(3000, seed: 2).Select(value => value * value).ToArray() })
        {
            var values = KernelData.Values(3000, seed: 1);
            var centroids = KMeans.Of(values, given, 8, fixesZero: false);
            var (sums, weights) = (new double[8], new double[8]);
            KMeansAssignment.Accumulate(values, given, centroids, sums, weights);
            CollectionAssert.AreEqual(centroids, sums.Zip(weights, (sum, weight) => (float)(sum / weight)).ToArray());
        }
    }

    [TestMethod]
    public void Errors_are_within_two_decibels_of_those_of_the_best_clusters_there_are()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            // Sums of uniform values are nearly normal, as weights are.
            var values = Enumerable.Range(0, 300).Select(_ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)).ToArray();
            foreach (var clusters in new[] { 2, 4, 8, 16 })
            {
                var error = Error(values, KMeans.Of(values, [], clusters, fixesZero: false));
                var best = BestError(values, clusters);
                Assert.IsTrue(error >= best * (1 - 1e-6) && error <= best * 1.58, $"{clusters} clusters of seed {seed}: {error} of at least {best}");
            }
        }
    }

    [TestMethod]
    public void Numbers_of_clusters_that_no_byte_can_tell_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KMeans.Of([1, 2], [], 0, fixesZero: false));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => KMeans.Of([1, 2], [], 257, fixesZero: false));
    }

    private static double Error(float[] values, float[] centroids) => values.Sum(value => centroids.Min(centroid => Math.Pow((double)value - centroid, 2)));

    /// <summary>By dynamic programming over the sorted values: the best clusters in one dimension are intervals.</summary>
    private static double BestError(float[] values, int clusters)
    {
        var sorted = values.Order().Select(value => (double)value).ToArray();
        var (sums, squares) = (new double[sorted.Length + 1], new double[sorted.Length + 1]);
        for (var i = 0; i < sorted.Length; i++)
        {
            sums[i + 1] = sums[i] + sorted[i];
            squares[i + 1] = squares[i] + (sorted[i] * sorted[i]);
        }

        double Interval(int start, int end) => squares[end] - squares[start] - (Math.Pow(sums[end] - sums[start], 2) / (end - start));
        var best = Enumerable.Range(0, sorted.Length + 1).Select(end => end == 0 ? 0 : Interval(0, end)).ToArray();
        for (var cluster = 1; cluster < clusters; cluster++)
        {
            best = [.. Enumerable.Range(0, sorted.Length + 1).Select(end => end == 0 ? 0 : Enumerable.Range(0, end).Min(start => best[start] + Interval(start, end)))];
        }

        return best[^1];
    }
}
