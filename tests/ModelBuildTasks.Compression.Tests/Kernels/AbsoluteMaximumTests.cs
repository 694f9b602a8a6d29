using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class AbsoluteMaximumTests
{
    [TestMethod]
    public void The_largest_magnitude_of_any_length_and_offset_is_that_of_a_plain_loop()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var values = KernelData.Values(offset + length, seed: length).AsSpan(offset);
            Assert.AreEqual(Reference(values), AbsoluteMaximum.Of(values), $"length {length}");
        }
    }

    [TestMethod]
    public void A_negative_extreme_is_found_wherever_it_is()
    {
        for (var length = 1; length <= 70; length++)
        {
            for (var place = 0; place < length; place++)
            {
                var values = new float[length];
                values[place] = -3;
                Assert.AreEqual(3f, AbsoluteMaximum.Of(values));
            }
        }
    }

    [TestMethod]
    public void No_values_have_magnitude_zero() => Assert.AreEqual(0f, AbsoluteMaximum.Of([]));

    [TestMethod]
    public void Minus_zero_has_the_magnitude_plus_zero() => Assert.IsFalse(float.IsNegative(AbsoluteMaximum.Of([-0f, -0f])));

    [TestMethod]
    public void Infinity_is_the_largest_magnitude_and_NaN_prevails_over_it()
    {
        Assert.AreEqual(float.PositiveInfinity, AbsoluteMaximum.Of([1, float.NegativeInfinity, 2]));
        Assert.AreEqual(float.NaN, AbsoluteMaximum.Of([float.NaN, float.NegativeInfinity, 2]));
    }

    [TestMethod]
    public void Every_NaN_gives_the_same_bits()
    {
        var odd = BitConverter.Int32BitsToSingle(0x7FC12345);
        Assert.AreEqual(BitConverter.SingleToInt32Bits(float.NaN), BitConverter.SingleToInt32Bits(AbsoluteMaximum.Of([odd])));
        var maxima = new float[1];
        AbsoluteMaximum.PerChannel([odd], 1, 1, 1, maxima);
        Assert.AreEqual(BitConverter.SingleToInt32Bits(float.NaN), BitConverter.SingleToInt32Bits(maxima[0]));
        AbsoluteMaximum.PerChannel([odd, 1], 1, 1, 2, maxima);
        Assert.AreEqual(BitConverter.SingleToInt32Bits(float.NaN), BitConverter.SingleToInt32Bits(maxima[0]));
    }

    [TestMethod]
    public void Channels_of_every_layout_are_kept_apart()
    {
        foreach (var (outer, channels, inner) in ChannelLayouts.All)
        {
            var values = KernelData.ValuesWithSpecials(outer * channels * inner, seed: channels);
            var expected = new float[channels];
            for (var i = 0; i < values.Length; i++)
            {
                ref var maximum = ref expected[i / inner % channels];
                maximum = Math.Max(maximum, Math.Abs(values[i]));
            }

            // What was there before does not count.
            var maxima = Enumerable.Repeat(1e30f, channels).ToArray();
            AbsoluteMaximum.PerChannel(values, outer, channels, inner, maxima);
            CollectionAssert.AreEqual(expected, maxima, $"[{outer}, {channels}, {inner}]");
        }
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_the_dimensions_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => AbsoluteMaximum.PerChannel(new float[7], 2, 2, 2, new float[2]));
        Assert.ThrowsExactly<ArgumentException>(() => AbsoluteMaximum.PerChannel(new float[8], 2, 2, 2, new float[3]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => AbsoluteMaximum.PerChannel(new float[8], -2, 2, -2, new float[2]));
        // A product of 2³² is not zero.
        Assert.ThrowsExactly<ArgumentException>(() => AbsoluteMaximum.PerChannel([], 65536, 65536, 1, new float[65536]));
    }

    private static float Reference(ReadOnlySpan<float> values)
    {
        var maximum = 0f;
        foreach (var value in values)
        {
            maximum = Math.Max(maximum, Math.Abs(value));
        }

        return maximum;
    }
}
