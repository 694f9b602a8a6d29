using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class MagnitudeSelectionTests
{
    [TestMethod]
    public void A_threshold_tells_how_many_are_below_it_and_how_many_equal_ones_are_wanted()
    {
        float[] values = [3, -1, 2, -2, 0.5f, 2];
        Assert.AreEqual(new MagnitudeThreshold(0.5f, 0, 1), MagnitudeSelection.Of(values, 1));
        Assert.AreEqual(new MagnitudeThreshold(1, 1, 1), MagnitudeSelection.Of(values, 2));
        Assert.AreEqual(new MagnitudeThreshold(2, 2, 1), MagnitudeSelection.Of(values, 3));
        Assert.AreEqual(new MagnitudeThreshold(2, 2, 3), MagnitudeSelection.Of(values, 5));
        Assert.AreEqual(new MagnitudeThreshold(3, 5, 1), MagnitudeSelection.Of(values, 6));
    }

    [TestMethod]
    public void No_magnitude_is_wanted_by_a_rank_of_zero()
    {
        Assert.AreEqual(default, MagnitudeSelection.Of([0, 1], 0));
        Assert.AreEqual(default, MagnitudeSelection.Of([], 0));
    }

    [TestMethod]
    public void Infinity_is_larger_than_every_number_and_NaN_larger_still()
    {
        float[] values = [float.NaN, float.NegativeInfinity, float.MaxValue, -0f, float.Epsilon];
        Assert.AreEqual(new MagnitudeThreshold(0, 0, 1), MagnitudeSelection.Of(values, 1));
        Assert.AreEqual(new MagnitudeThreshold(float.Epsilon, 1, 1), MagnitudeSelection.Of(values, 2));
        Assert.AreEqual(new MagnitudeThreshold(float.MaxValue, 2, 1), MagnitudeSelection.Of(values, 3));
        Assert.AreEqual(new MagnitudeThreshold(float.PositiveInfinity, 3, 1), MagnitudeSelection.Of(values, 4));
        Assert.AreEqual(new MagnitudeThreshold(float.NaN, 4, 1), MagnitudeSelection.Of(values, 5));
    }

    [TestMethod]
    public void The_NaN_of_the_largest_bits_is_found_too()
    {
        var largest = BitConverter.Int32BitsToSingle(-1);
        var threshold = MagnitudeSelection.Of([.. Enumerable.Repeat(largest, 70), 1], 71);
        Assert.AreEqual((1, 70), (threshold.Below, threshold.Ties));
        Assert.AreEqual(int.MaxValue, BitConverter.SingleToInt32Bits(threshold.Value));
    }

    [TestMethod]
    public void Any_length_offset_and_rank_is_what_a_sort_finds()
    {
        foreach (var length in KernelData.Lengths.Where(length => length > 0))
        {
            var offset = length % 5;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            foreach (var rank in new[] { 1, (length + 1) / 2, length })
            {
                Assert.AreEqual(Sorted(values, rank), MagnitudeSelection.Of(values, rank), $"length {length}, rank {rank}");
            }
        }
    }

    [TestMethod]
    public void Parts_of_different_lengths_are_one_set_of_values()
    {
        var values = KernelData.Values(70_000, seed: 3);
        var selection = new MagnitudeSelection();
        foreach (var part in Parts)
        {
            selection.Count(values.AsSpan(part));
        }

        selection.Narrow(31_337);
        foreach (var part in Parts.Reverse())
        {
            selection.CountNarrowed(values.AsSpan(part));
        }

        Assert.AreEqual(Sorted(values, 31_337), selection.Threshold);
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(0.001)]
    [DataRow(0.999)]
    [DataRow(1.0)]
    public void Many_values_are_exact_although_a_sample_tells_where_to_look(double share)
    {
        var values = KernelData.Values(1_300_003, seed: 5);
        var rank = (long)(share * values.Length);
        Assert.AreEqual(Sorted(values, rank), MagnitudeSelection.Of(values, rank));
    }

    [TestMethod]
    public void A_sample_unlike_the_other_values_changes_nothing()
    {
        // What a sample reads is large, everything else is small and the reverse.
        foreach (var (sampled, others) in new[] { (3f, 0.01f), (0.01f, 3f) })
        {
            var values = KernelData.Values(1 << 20, seed: 6);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] *= i / 16 % 61 == 0 ? sampled : others;
            }

            Assert.AreEqual(Sorted(values, 600_000), MagnitudeSelection.Of(values, 600_000));
        }
    }

    [TestMethod]
    public void Equal_values_are_all_ties()
    {
        foreach (var length in new[] { 100, 1 << 20 })
        {
            var values = new float[length];
            values.AsSpan().Fill(-0.25f);
            Assert.AreEqual(new MagnitudeThreshold(0.25f, 0, length / 2), MagnitudeSelection.Of(values, length / 2));
        }
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(3)]
    public void A_rank_beyond_the_values_is_refused(long rank) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MagnitudeSelection.Of([1, 2], rank));

    [TestMethod]
    public void The_second_pass_is_refused_before_the_first_one_ended()
    {
        var selection = new MagnitudeSelection();
        selection.Count([1, 2]);
        Assert.ThrowsExactly<InvalidOperationException>(() => selection.CountNarrowed([1, 2]));
    }

    [TestMethod]
    public void A_second_pass_over_fewer_values_finds_no_threshold()
    {
        var selection = new MagnitudeSelection();
        selection.Count([1, 2]);
        selection.Narrow(2);
        selection.CountNarrowed([1]);
        Assert.ThrowsExactly<InvalidOperationException>(() => selection.Threshold);
    }

    private static IEnumerable<Range> Parts => [0..7, 7..7, 7..1000, 1000..1001, 1001..66_000, 66_000..];

    private static MagnitudeThreshold Sorted(ReadOnlySpan<float> values, long rank)
    {
        var bits = Array.ConvertAll(values.ToArray(), value => BitConverter.SingleToInt32Bits(value) & int.MaxValue);
        Array.Sort(bits);
        var wanted = bits[rank - 1];
        var below = bits.Count(other => other < wanted);
        return new(BitConverter.Int32BitsToSingle(wanted), below, rank - below);
    }
}
