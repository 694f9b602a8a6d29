using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Calibration;

[TestClass]
public sealed class StreamedHistogramTests
{
    [TestMethod]
    public void Bins_are_a_power_of_two_wide_and_zero_is_an_edge()
    {
        // 4 / 2048 would be 2⁻⁹, but 4 itself lies in a further bin.
        var histogram = Of([1, 4, 0, 0.0078125f]);

        Assert.AreEqual(1 / 256.0, histogram.Width);
        Assert.AreEqual(0, histogram.Origin);
        Assert.AreEqual(1, histogram.Counts[0]);
        Assert.AreEqual(1, histogram.Counts[2]);
        Assert.AreEqual(1, histogram.Counts[256]);
        Assert.AreEqual(1, histogram.Counts[1024]);
        Assert.AreEqual(1, histogram.Zeros);
        Assert.AreEqual(0, histogram.NonZeros(0));
    }

    [TestMethod]
    public void A_range_away_from_zero_is_widened_to_it()
    {
        var histogram = Of([-3, -1]);

        Assert.AreEqual(-3f, histogram.Minimum);
        Assert.AreEqual(0f, histogram.Maximum);
        Assert.AreEqual(-1536, histogram.Origin);
        Assert.AreEqual(1 / 512.0, histogram.Width);
        Assert.AreEqual(1, histogram.Counts[0]);
        Assert.AreEqual(1, histogram.Counts[1024]);
    }

    [TestMethod]
    public void A_grown_range_merges_bins_and_moves_counts_to_where_their_values_are()
    {
        var histogram = new StreamedHistogram();
        Add(histogram, [-1f, -0.5f, 0.25f, 0.75f]);
        Add(histogram, [-12f, 30f]);

        Assert.AreEqual(1 / 32.0, histogram.Width);
        Assert.AreEqual(-12 * 32, histogram.Origin);
        foreach (var value in new[] { -12f, -1f, -0.5f, 0.25f, 0.75f, 30f })
        {
            Assert.AreEqual(1, histogram.Counts[(int)((value + 12) * 32)], $"{value}");
        }
    }

    [TestMethod]
    public void Growing_by_any_factor_keeps_every_count()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var histogram = new StreamedHistogram();
            var total = 0L;
            var batches = random.Next(1, 8);
            for (var batch = 0; batch < batches; batch++)
            {
                var values = Values(random, random.Next(1, 300), MathF.Pow(10, random.Next(-30, 30)));
                total += values.Length;
                Add(histogram, values);
            }

            Assert.AreEqual(total, Sum(histogram));
        }
    }

    [TestMethod]
    public void The_order_of_samples_changes_no_bin_but_for_values_on_an_edge()
    {
        var random = new Random(11);
        var samples = Enumerable.Range(0, 12).Select(i => Values(random, 1000, MathF.Pow(3, i - 6))).ToArray();
        var forth = new StreamedHistogram();
        var back = new StreamedHistogram();
        foreach (var sample in samples)
        {
            Add(forth, sample);
        }

        foreach (var sample in samples.Reverse())
        {
            Add(back, sample);
        }

        Assert.AreEqual(forth.Width, back.Width);
        Assert.AreEqual(forth.Origin, back.Origin);
        long cumulatedForth = 0, cumulatedBack = 0;
        for (var bin = 0; bin < StreamedHistogram.Bins; bin++)
        {
            // Rounding moves a value by one bin at the most.
            Assert.IsLessThanOrEqualTo(cumulatedForth + forth.Counts[bin], cumulatedBack);
            cumulatedForth += forth.Counts[bin];
            cumulatedBack += back.Counts[bin];
            Assert.IsGreaterThanOrEqualTo(cumulatedForth - forth.Counts[bin], cumulatedBack);
        }
    }

    [TestMethod]
    public void Extreme_values_are_counted_or_called_too_wide()
    {
        var tiny = Of([float.Epsilon, -1e-40f, 0]);
        Assert.AreEqual(3, Sum(tiny));
        Assert.IsFalse(tiny.IsTooWide);

        var wide = new StreamedHistogram();
        Add(wide, [1]);
        Add(wide, [-float.MaxValue, float.MaxValue]);
        Add(wide, [2]);
        Assert.IsTrue(wide.IsTooWide);
    }

    internal static StreamedHistogram Of(ReadOnlySpan<float> values)
    {
        var histogram = new StreamedHistogram();
        Add(histogram, values);
        return histogram;
    }

    internal static void Add(StreamedHistogram histogram, ReadOnlySpan<float> values)
    {
        var (minimum, maximum, _) = MinMax.Of(values);
        histogram.Add(values, minimum, maximum);
    }

    private static float[] Values(Random random, int count, float size) => [.. Enumerable.Range(0, count).Select(_ => ((float)random.NextDouble() - 0.3f) * size)];

    private static long Sum(StreamedHistogram histogram)
    {
        var sum = 0L;
        foreach (var count in histogram.Counts)
        {
            sum += count;
        }

        return sum;
    }
}
