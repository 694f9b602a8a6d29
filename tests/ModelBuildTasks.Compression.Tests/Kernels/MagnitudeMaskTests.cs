using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class MagnitudeMaskTests
{
    [TestMethod]
    public void Values_below_and_the_first_of_the_equal_ones_become_zero()
    {
        float[] values = [3, -1, 2, -2, 0.5f, 2];
        var ties = 2L;
        Assert.AreEqual(4, MagnitudeMask.ZeroBelow(values, values, new(2, 2, 2), ref ties));
        Assert.AreEqual(0, ties);
        CollectionAssert.AreEqual(new float[] { 3, 0, 0, 0, 0, 2 }, values);
    }

    [TestMethod]
    public void Saliencies_decide_where_they_are_not_the_values()
    {
        float[] values = [1, 2, 3, 4];
        var ties = 0L;
        Assert.AreEqual(2, MagnitudeMask.ZeroBelow(values, [9, -1, 2, -8], new(8, 2, 0), ref ties));
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 4 }, values);
    }

    [TestMethod]
    public void Infinity_and_NaN_stay_while_a_number_is_enough()
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.MinValue, 1];
        var ties = 1L;
        Assert.AreEqual(2, MagnitudeMask.ZeroBelow(values, values, new(float.MaxValue, 1, 1), ref ties));
        CollectionAssert.AreEqual(new float[] { float.NaN, float.PositiveInfinity, 0, 0 }, values);
    }

    [TestMethod]
    public void What_becomes_zero_is_positive_zero()
    {
        float[] values = [.. Enumerable.Repeat(-1f, 40)];
        var ties = 0L;
        MagnitudeMask.ZeroBelow(values, values, new(2, 40, 0), ref ties);
        Assert.IsTrue(values.All(value => BitConverter.SingleToInt32Bits(value) == 0));
    }

    [TestMethod]
    public void Any_length_and_offset_loses_exactly_its_smallest_magnitudes()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            foreach (var rank in new[] { 0, 1, length / 2, length }.Where(rank => rank <= length))
            {
                var expected = WithoutSmallest(values, rank);
                var threshold = MagnitudeSelection.Of(values, rank);
                var ties = threshold.Ties;
                var masked = values.ToArray();
                Assert.AreEqual(rank, MagnitudeMask.ZeroBelow(masked, masked, threshold, ref ties), $"length {length}");
                Assert.AreEqual(0, ties);
                CollectionAssert.AreEqual(expected, masked, $"length {length}, rank {rank}");
            }
        }
    }

    [TestMethod]
    public void Ties_are_taken_from_part_to_part()
    {
        float[] first = [1, 1, 1];
        float[] second = [1, 1];
        var ties = 4L;
        Assert.AreEqual(3, MagnitudeMask.ZeroBelow(first, first, new(1, 0, 4), ref ties));
        Assert.AreEqual(1, MagnitudeMask.ZeroBelow(second, second, new(1, 0, 4), ref ties));
        CollectionAssert.AreEqual(new float[] { 0, 1 }, second);
    }

    [TestMethod]
    public void Saliencies_of_another_length_are_refused()
    {
        var ties = 0L;
        Assert.ThrowsExactly<ArgumentException>(() => MagnitudeMask.ZeroBelow(new float[3], new float[2], default, ref ties));
    }

    private static float[] WithoutSmallest(ReadOnlySpan<float> values, int rank)
    {
        var masked = values.ToArray();
        foreach (var index in Enumerable.Range(0, masked.Length).OrderBy(index => BitConverter.SingleToInt32Bits(masked[index]) & int.MaxValue).Take(rank).ToArray())
        {
            masked[index] = 0;
        }

        return masked;
    }
}
