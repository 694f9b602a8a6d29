using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class ChannelSumsTests
{
    [TestMethod]
    public void Sums_of_a_small_case_are_those_computed_by_hand()
    {
        // Two samples of two channels of two positions.
        var sums = new[] { 0.5, 0 };
        ChannelSums.Add([1, 2, 3, 4, 5, 6, 7, 8], 2, 2, 2, sums);
        CollectionAssert.AreEqual(new[] { 14.5, 22 }, sums);
        ChannelSums.Add([1, 2, 3, 4], 2, 2, 1, sums);
        CollectionAssert.AreEqual(new[] { 18.5, 28 }, sums);
    }

    [TestMethod]
    public void Any_layout_adds_every_value_to_its_channel()
    {
        foreach (var (outer, channels, inner) in ChannelLayouts.All)
        {
            var values = KernelData.Values(outer * channels * inner, seed: inner);
            var (expected, sums) = (Enumerable.Repeat(0.25, channels).ToArray(), Enumerable.Repeat(0.25, channels).ToArray());
            for (var i = 0; i < values.Length; i++)
            {
                expected[i / inner % channels] += values[i];
            }

            ChannelSums.Add(values, outer, channels, inner, sums);

            for (var channel = 0; channel < channels; channel++)
            {
                Assert.AreEqual(expected[channel], sums[channel], 1e-9, $"channel {channel} of [{outer}, {channels}, {inner}]");
            }
        }
    }

    [TestMethod]
    public void A_run_of_any_length_is_eight_partial_sums_in_the_documented_order()
    {
        foreach (var length in KernelData.Lengths.Where(length => length != 1))
        {
            var values = KernelData.Values(length + 1, seed: length).AsSpan(1);
            var lanes = new double[8];
            for (var i = 0; i < length; i++)
            {
                lanes[i % 8] += values[i];
            }

            var sums = new double[1];
            ChannelSums.Add(values, 1, 1, length, sums);
            Assert.AreEqual(lanes[0] + lanes[1] + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5] + (lanes[6] + lanes[7])), sums[0], $"length {length}");
        }
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => ChannelSums.Add(new float[8], 1, 3, 2, new double[3]));
        Assert.ThrowsExactly<ArgumentException>(() => ChannelSums.Add(new float[8], 1, 4, 2, new double[3]));
    }
}
