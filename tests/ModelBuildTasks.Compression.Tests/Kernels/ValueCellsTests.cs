using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class ValueCellsTests
{
    [TestMethod]
    public void Cells_ascend_and_hold_every_value_between_their_edges()
    {
        var values = KernelData.Values(10_000, seed: 1);
        values[17] = float.MaxValue;
        values[18] = -float.Epsilon;
        values[19] = -0f;
        var cells = ValueCells.Of(values, []);
        var occupied = cells.Occupied.ToArray();
        var read = new List<float>();
        for (var cell = 0; cell < occupied.Length; cell++)
        {
            Assert.IsTrue(cell == 0 || occupied[cell - 1].Largest <= occupied[cell].Least);
            Assert.AreEqual(occupied[cell].Length, cells.Values(cell).Length);
            foreach (var value in cells.Values(cell))
            {
                Assert.IsTrue(value >= occupied[cell].Least && value <= occupied[cell].Largest);
                read.Add(value);
            }
        }

        CollectionAssert.AreEqual(values.Order().ToArray(), read.Order().ToArray());
    }

    [TestMethod]
    public void Sums_of_clusters_are_those_of_a_pass_over_all_values()
    {
        foreach (var clusters in new[] { 1, 2, 16, 100 })
        {
            var values = KernelData.Values(20_000, seed: clusters);
            var importances = KernelData.Values(20_000, seed: ~clusters).Select(Math.Abs).ToArray();
            float[] centroids = [.. Enumerable.Range(0, clusters).Select(index => (index * 8f / clusters) - 3.9f)];
            foreach (var given in new[] { [], importances })
            {
                var (sums, weights, expectedSums, expectedWeights) = (new double[clusters], new double[clusters], new double[clusters], new double[clusters]);
                KMeansAssignment.Accumulate(values, given, centroids, expectedSums, expectedWeights);
                ValueCells.Of(values, given).Accumulate(centroids, sums, weights);
                for (var cluster = 0; cluster < clusters; cluster++)
                {
                    Assert.AreEqual(expectedSums[cluster], sums[cluster], 1e-9 * (1 + Math.Abs(expectedSums[cluster])));
                    Assert.AreEqual(expectedWeights[cluster], weights[cluster], 1e-9 * expectedWeights[cluster]);
                }
            }
        }
    }

    [TestMethod]
    public void Parts_give_the_bits_of_the_whole()
    {
        var (values, importances) = (KernelData.Values(3000, seed: 4), KernelData.Values(3000, seed: 5).Select(Math.Abs).ToArray());
        var parts = new ValueCells();
        Range[] ranges = [0..5, 5..5, 5..2000, 2000..3000];
        Array.ForEach(ranges, range => parts.Count(values.AsSpan(range)));
        Array.ForEach(ranges, range => parts.Add(values.AsSpan(range), importances.AsSpan(range)));
        CollectionAssert.AreEqual(ValueCells.Of(values, importances).Occupied.ToArray(), parts.Occupied.ToArray());
    }

    [TestMethod]
    public void Importances_that_are_all_zero_count_alike() =>
        CollectionAssert.AreEqual(ValueCells.Of([1, 2, 2], []).Occupied.ToArray(), ValueCells.Of([1, 2, 2], [0, 0, 0]).Occupied.ToArray());

    [TestMethod]
    public void Values_that_were_counted_but_not_added_are_missed()
    {
        var cells = new ValueCells();
        cells.Count([1, 2]);
        cells.Add([1], []);
        Assert.ThrowsExactly<InvalidOperationException>(() => cells.Occupied.Count());
    }

    [TestMethod]
    public void Importances_of_another_length_are_refused() => Assert.ThrowsExactly<ArgumentException>(() => ValueCells.Of([1, 2], [1]));
}
