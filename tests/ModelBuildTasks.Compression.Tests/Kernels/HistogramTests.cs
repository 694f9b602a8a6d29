using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class HistogramTests
{
    [TestMethod]
    public void Counts_of_any_length_and_offset_are_those_of_a_plain_loop()
    {
        // One to 32 bins are counted in copies from 128 values on, 2048 bins only for the largest length.
        foreach (var bins in new[] { 1, 2, 7, 32, 2048 })
        {
            foreach (var length in KernelData.Lengths)
            {
                var offset = length % 5;
                var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
                var counts = new long[bins];
                Histogram.Add(values, -3, 2.5f, counts);
                CollectionAssert.AreEqual(Reference(values, -3, 2.5f, bins), counts, $"{bins} bins, length {length}");
            }
        }
    }

    [TestMethod]
    public void Edges_belong_to_the_bin_above_them_and_the_last_one_to_the_last_bin()
    {
        foreach (var repetitions in new[] { 1, 100 })
        {
            var counts = new long[4];
            Histogram.Add(Repeat([0f, 0.9999999f, 1f, 2f, 3f, 3.9999998f, 4f], repetitions), 0, 4, counts);
            CollectionAssert.AreEqual(new long[] { 2 * repetitions, repetitions, repetitions, 3 * repetitions }, counts);
        }
    }

    [TestMethod]
    public void Values_outside_count_at_the_edges_and_NaN_in_the_first_bin()
    {
        foreach (var repetitions in new[] { 1, 100 })
        {
            var counts = new long[4];
            Histogram.Add(
                Repeat([-1f, float.MinValue, float.NegativeInfinity, float.NaN, 5f, float.MaxValue, float.PositiveInfinity], repetitions), 0, 4, counts);
            CollectionAssert.AreEqual(new long[] { 4 * repetitions, 0, 0, 3 * repetitions }, counts);
        }
    }

    [TestMethod]
    public void Counts_are_added_to_what_was_counted_before()
    {
        var counts = new long[] { 1L << 40, 5 };
        Histogram.Add([0.1f, 0.9f, 0.9f], 0, 1, counts);
        CollectionAssert.AreEqual(new long[] { (1L << 40) + 1, 7 }, counts);
    }

    [TestMethod]
    [DataRow(524_159)]
    [DataRow(524_160)]
    [DataRow(524_161)]
    [DataRow(524_160 + 127)]
    [DataRow(524_160 + 128)]
    [DataRow(3_000_001)]
    public void No_count_overflows_when_all_values_are_equal(int length)
    {
        var values = new float[length];
        values.AsSpan().Fill(0.3f);
        var counts = new long[10];
        Histogram.Add(values, 0, 1, counts);
        CollectionAssert.AreEqual(new long[] { 0, 0, 0, length, 0, 0, 0, 0, 0, 0 }, counts);
    }

    [TestMethod]
    public void Bins_too_many_for_copies_are_counted_too()
    {
        var values = KernelData.Values(1 << 19, seed: 1);
        foreach (var bins in new[] { 1 << 14, (1 << 14) + 1, 1 << 20 })
        {
            var counts = new long[bins];
            Histogram.Add(values, -4, 4, counts);
            Assert.IsTrue(counts.AsSpan().SequenceEqual(Reference(values, -4, 4, bins)), $"{bins} bins");
        }
    }

    [TestMethod]
    [DataRow(0f, 0f)]
    [DataRow(1f, -1f)]
    [DataRow(float.NaN, 1f)]
    [DataRow(0f, float.PositiveInfinity)]
    [DataRow(float.MinValue, float.MaxValue)]
    [DataRow(0f, float.Epsilon)]
    public void A_range_without_bins_is_refused(float minimum, float maximum) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Histogram.Add([1], minimum, maximum, new long[16]));

    [TestMethod]
    public void A_histogram_without_bins_is_refused() => Assert.ThrowsExactly<ArgumentException>(() => Histogram.Add([1], 0, 1, []));

    private static float[] Repeat(float[] values, int repetitions) => [.. Enumerable.Repeat(values, repetitions).SelectMany(value => value)];

    private static long[] Reference(ReadOnlySpan<float> values, float minimum, float maximum, int bins)
    {
        var counts = new long[bins];
        var factor = (float)(bins / (double)(maximum - minimum));
        foreach (var value in values)
        {
            var position = (value - minimum) * factor;
            counts[float.IsNaN(position) ? 0 : (int)Math.Clamp(Math.Floor(position), 0, bins - 1)]++;
        }

        return counts;
    }
}
