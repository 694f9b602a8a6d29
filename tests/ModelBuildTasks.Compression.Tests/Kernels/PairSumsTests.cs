using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class PairSumsTests
{
    [TestMethod]
    public void Error_energies_of_any_length_and_offset_are_eight_partial_sums_in_the_documented_order()
    {
        foreach (var length in KernelData.Lengths)
        {
            var x = KernelData.Values(length + 3, seed: length).AsSpan(3);
            var y = KernelData.Values(length + 1, seed: length + 1).AsSpan(1);
            var expected = (Sum(x, y, (a, _) => a * a), Sum(x, y, (a, b) => (a - b) * (a - b)));
            Assert.AreEqual(expected, ErrorEnergy.Accumulate(x, y), $"length {length}");
        }
    }

    [TestMethod]
    public void Dot_products_of_any_length_and_offset_are_eight_partial_sums_in_the_documented_order()
    {
        foreach (var length in KernelData.Lengths)
        {
            var x = KernelData.Values(length + 2, seed: length).AsSpan(2);
            var y = KernelData.Values(length + 5, seed: length + 1).AsSpan(5);
            var expected = (Sum(x, y, (a, _) => a * a), Sum(x, y, (_, b) => b * b), Sum(x, y, (a, b) => a * b));
            Assert.AreEqual(expected, DotProducts.Of(x, y), $"length {length}");
        }
    }

    [TestMethod]
    public void Sums_of_a_small_case_are_those_computed_by_hand()
    {
        Assert.AreEqual((14.0, 5.0), ErrorEnergy.Accumulate([1, 2, -3], [1, 0, -2]));
        Assert.AreEqual((14.0, 29.0, -4.0), DotProducts.Of([1, 2, 3], [-4, 3, -2]));
        Assert.AreEqual((0.0, 0.0), ErrorEnergy.Accumulate([], []));
    }

    [TestMethod]
    public void Squares_beyond_the_range_of_float_do_not_overflow() =>
        Assert.AreEqual(((double)float.MaxValue * float.MaxValue, 0.0), ErrorEnergy.Accumulate([float.MaxValue], [float.MaxValue]));

    [TestMethod]
    public void A_difference_that_is_no_number_gives_one_bit_pattern_wherever_it_is()
    {
        for (var length = 1; length <= 40; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = new float[length];
                values[place] = float.PositiveInfinity;
                var (signal, noise) = ErrorEnergy.Accumulate(values, values);
                Assert.AreEqual(double.PositiveInfinity, signal);
                Assert.AreEqual(BitConverter.DoubleToInt64Bits(double.NaN), BitConverter.DoubleToInt64Bits(noise));
            }
        }
    }

    [TestMethod]
    public void Spans_of_different_lengths_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => ErrorEnergy.Accumulate(new float[8], new float[9]));
        Assert.ThrowsExactly<ArgumentException>(() => DotProducts.Of(new float[9], new float[8]));
    }

    private static double Sum(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Func<double, double, double> term)
    {
        var sums = new double[8];
        for (var i = 0; i < x.Length; i++)
        {
            sums[i % 8] += term(x[i], y[i]);
        }

        return sums[0] + sums[1] + (sums[2] + sums[3]) + (sums[4] + sums[5] + (sums[6] + sums[7]));
    }
}
