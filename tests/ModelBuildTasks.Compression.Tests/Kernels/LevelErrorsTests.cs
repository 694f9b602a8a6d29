using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class LevelErrorsTests
{
    [TestMethod]
    public void Integrals_of_a_small_case_are_those_computed_by_hand()
    {
        // From 0 to 0.5: 0.5³ / 3 = 1/24. To 1: 1/12. To 2, with 1 as the last level: 1/12 + 1/3. To −1 with 0 as the first level: −1/3.
        Assert.AreEqual(1 / 24.0, LevelErrors.WeightedIntegrals([0.5], [1], 1, 0, 1), 1e-15);
        Assert.AreEqual(1 / 12.0, LevelErrors.WeightedIntegrals([1], [1], 1, 0, 1), 1e-15);
        Assert.AreEqual(5 / 12.0, LevelErrors.WeightedIntegrals([2], [1], 1, 0, 1), 1e-15);
        Assert.AreEqual(-1 / 3.0, LevelErrors.WeightedIntegrals([-1], [1], 1, 0, 1), 1e-15);
        Assert.AreEqual((5 / 12.0 * 3) - (1 / 12.0 * 2), LevelErrors.WeightedIntegrals([4, 2], [3, -2], 0.5, 0, 1), 1e-15);
        Assert.AreEqual(0, LevelErrors.WeightedIntegrals([], [], 1, 0, 1));
    }

    [TestMethod]
    public void Any_length_and_offset_is_eight_partial_sums_in_the_documented_order()
    {
        foreach (var length in KernelData.Lengths)
        {
            var positions = Array.ConvertAll(KernelData.Values(length + 3, seed: length), value => 60.0 * value).AsSpan(3);
            var weights = Array.ConvertAll(KernelData.Values(length + 1, seed: length + 1), value => (double)value).AsSpan(1);

            Assert.AreEqual(Sum(positions, weights, 1.7, -100, 155), LevelErrors.WeightedIntegrals(positions, weights, 1.7, -100, 155), $"length {length}");
        }
    }

    [TestMethod]
    public void Spans_of_different_lengths_are_refused() => Assert.ThrowsExactly<ArgumentException>(() => LevelErrors.WeightedIntegrals(new double[8], new double[9], 1, 0, 1));

    private static double Sum(ReadOnlySpan<double> positions, ReadOnlySpan<double> weights, double scale, double lowest, double highest)
    {
        var sums = new double[8];
        for (var i = 0; i < positions.Length; i++)
        {
            var value = positions[i] * scale;
            var level = Math.Round(Math.Clamp(value, lowest, highest));
            var rest = value - level;
            sums[i % 8] += weights[i] * ((level * (1.0 / 12)) + (rest * rest * rest * (1.0 / 3)));
        }

        return sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
    }
}
