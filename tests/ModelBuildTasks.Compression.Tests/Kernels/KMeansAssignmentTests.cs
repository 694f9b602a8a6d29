using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class KMeansAssignmentTests
{
    [TestMethod]
    public void Each_value_goes_to_the_nearest_centroid_and_from_the_middle_to_the_lower()
    {
        var indices = new byte[9];
        KMeansAssignment.Assign([-9, -1, -0.5f, -0.49f, 0.9f, 1, 1.01f, 2, 100], [-1, 0, 2], indices);
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 1, 1, 1, 2, 2, 2 }, indices);
    }

    [TestMethod]
    public void The_middle_of_neighbouring_floats_is_between_them()
    {
        // No float lies in the middle: rounded to the nearest one, it would take the upper value to the lower centroid.
        float[] neighbours = [1.0000001f, float.BitIncrement(1.0000001f)];
        var indices = new byte[2];
        KMeansAssignment.Assign(neighbours, neighbours, indices);
        CollectionAssert.AreEqual(new byte[] { 0, 1 }, indices);
    }

    [TestMethod]
    public void Infinities_go_to_the_ends_and_NaN_to_the_first()
    {
        var indices = new byte[3];
        foreach (var clusters in new[] { 3, 16, 17, 256 })
        {
            KMeansAssignment.Assign([float.NegativeInfinity, float.PositiveInfinity, float.NaN], Centroids(clusters), indices);
            CollectionAssert.AreEqual(new byte[] { 0, (byte)(clusters - 1), 0 }, indices, $"{clusters} clusters");
        }
    }

    [TestMethod]
    public void Indices_of_any_length_and_offset_are_those_of_the_smallest_distance()
    {
        foreach (var clusters in new[] { 1, 2, 3, 15, 16, 17, 100, 256 })
        {
            var centroids = Centroids(clusters);
            foreach (var length in KernelData.Lengths.Where(length => length <= 5000))
            {
                var offset = length % 5;
                var values = KernelData.Values(offset + length, seed: length).AsSpan(offset);
                var indices = new byte[length];
                KMeansAssignment.Assign(values, centroids, indices);
                CollectionAssert.AreEqual(Nearest(values, centroids), indices, $"{clusters} clusters, length {length}");
            }
        }
    }

    [TestMethod]
    public void Sums_of_any_length_are_eight_partial_sums_in_the_documented_order()
    {
        foreach (var clusters in new[] { 1, 4, 16, 40 })
        {
            var centroids = Centroids(clusters);
            foreach (var length in KernelData.Lengths.Where(length => length <= 5000))
            {
                var values = KernelData.Values(length, seed: length);
                var importances = KernelData.Values(length, seed: ~length).Select(Math.Abs).ToArray();
                foreach (var given in new[] { [], importances })
                {
                    var (sums, weights) = (new double[clusters], new double[clusters]);
                    KMeansAssignment.Accumulate(values, given, centroids, sums, weights);
                    var expected = Sums(values, given, centroids);
                    CollectionAssert.AreEqual(expected.Sums, sums, $"{clusters} clusters, length {length}");
                    CollectionAssert.AreEqual(expected.Weights, weights, $"{clusters} clusters, length {length}");
                }
            }
        }
    }

    [TestMethod]
    public void Sums_are_added_to_what_was_summed_before()
    {
        double[] sums = [1, 2];
        double[] weights = [3, 4];
        KMeansAssignment.Accumulate([-1, -2, 5], [], [-1, 1], sums, weights);
        CollectionAssert.AreEqual(new double[] { -2, 7 }, sums);
        CollectionAssert.AreEqual(new double[] { 5, 5 }, weights);
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => KMeansAssignment.Assign(new float[3], [1], new byte[2]));
        Assert.ThrowsExactly<ArgumentException>(() => KMeansAssignment.Accumulate(new float[3], new float[2], [1], new double[1], new double[1]));
        Assert.ThrowsExactly<ArgumentException>(() => KMeansAssignment.Accumulate(new float[3], [], [1], new double[2], new double[2]));
    }

    [TestMethod]
    [DataRow(new float[0])]
    [DataRow(new[] { 1f, 1f })]
    [DataRow(new[] { 2f, 1f })]
    [DataRow(new[] { 2f, float.NaN })]
    public void Centroids_that_do_not_ascend_are_refused(float[] centroids) =>
        Assert.ThrowsExactly<ArgumentException>(() => KMeansAssignment.Assign(new float[3], centroids, new byte[3]));

    [TestMethod]
    public void More_centroids_than_a_byte_can_tell_are_refused() =>
        Assert.ThrowsExactly<ArgumentException>(() => KMeansAssignment.Assign(new float[3], [.. Enumerable.Range(0, 257).Select(index => (float)index)], new byte[3]));

    /// <summary>Centroids at uneven distances, of which some are far from every value.</summary>
    private static float[] Centroids(int clusters) => [.. Enumerable.Range(0, clusters).Select(index => ((index * 10f) + (index % 3)) / clusters - 5)];

    private static byte[] Nearest(ReadOnlySpan<float> values, float[] centroids)
    {
        var indices = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            for (var cluster = 1; cluster < centroids.Length; cluster++)
            {
                indices[i] = Math.Abs((double)values[i] - centroids[cluster]) < Math.Abs((double)values[i] - centroids[indices[i]]) ? (byte)cluster : indices[i];
            }
        }

        return indices;
    }

    private static (double[] Sums, double[] Weights) Sums(float[] values, float[] importances, float[] centroids)
    {
        var indices = Nearest(values, centroids);
        var (sums, weights) = (new double[centroids.Length, 8], new double[centroids.Length, 8]);
        for (var i = 0; i < values.Length; i++)
        {
            var importance = importances.Length == 0 ? 1.0 : importances[i];
            sums[indices[i], i % 8] += importance * values[i];
            weights[indices[i], i % 8] += importance;
        }

        return (Totals(sums), Totals(weights));
    }

    private static double[] Totals(double[,] lanes) =>
        [.. Enumerable.Range(0, lanes.GetLength(0)).Select(row => lanes[row, 0] + lanes[row, 1] + (lanes[row, 2] + lanes[row, 3]) + (lanes[row, 4] + lanes[row, 5] + (lanes[row, 6] + lanes[row, 7])))];
}
