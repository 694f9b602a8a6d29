using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class QuantizeLinearTests
{
    private static readonly float[] Scales = [1f, 0.5f, 0.031415927f, 1e-3f, 3e38f, float.Epsilon, 1.1754944e-38f];

    [TestMethod]
    public void Signed_bytes_of_any_length_offset_scale_and_limits_are_those_of_the_definition()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            var quantized = new sbyte[length + 2];
            foreach (var scale in Scales)
            {
                foreach (var (zeroPoint, minimum, maximum) in new[] { (0, -127, 127), (-128, -128, 127), (127, -128, 127), (-5, -64, 63), (0, 5, 7), (3, 3, 3) })
                {
                    QuantizeLinear.ToInt8(values, quantized.AsSpan(1, length), scale, zeroPoint, minimum, maximum);
                    for (var i = 0; i < length; i++)
                    {
                        Assert.AreEqual(Reference(values[i], scale, zeroPoint, minimum, maximum), quantized[i + 1], $"{values[i]:G9} / {scale:G9} in [{minimum}, {maximum}] at {i} of {length}");
                    }

                    Assert.AreEqual(0, quantized[0] | quantized[^1], "Nothing around the destination is written.");
                }
            }
        }
    }

    [TestMethod]
    public void Unsigned_bytes_of_any_length_offset_scale_and_limits_are_those_of_the_definition()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 3;
            var values = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            var quantized = new byte[length];
            foreach (var scale in Scales)
            {
                foreach (var (zeroPoint, minimum, maximum) in new[] { (128, 0, 255), (0, 0, 255), (255, 0, 255), (100, 0, 127) })
                {
                    QuantizeLinear.ToUInt8(values, quantized, scale, zeroPoint, minimum, maximum);
                    for (var i = 0; i < length; i++)
                    {
                        Assert.AreEqual(Reference(values[i], scale, zeroPoint, minimum, maximum), quantized[i], $"{values[i]:G9} / {scale:G9} at {i} of {length}");
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Halves_are_rounded_to_the_even_neighbour_before_an_odd_zero_point_is_added()
    {
        var quantized = new sbyte[8];
        QuantizeLinear.ToInt8([0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49999997f, 0.50000006f], quantized, scale: 1, zeroPoint: 1, minimum: -128, maximum: 127);
        CollectionAssert.AreEqual(new sbyte[] { 1, 3, 3, 1, -1, -1, 1, 2 }, quantized);
    }

    [TestMethod]
    public void The_scale_divides_and_is_not_multiplied_by_its_reciprocal()
    {
        // 2.625 / 1.05 is exactly 2.5 in single precision, which goes to 2; 2.625 · (1 / 1.05) is above it and would go to 3.
        var (value, scale) = (2.625f, 1.05f);
        Assert.AreEqual(2.5f, value / scale);
        Assert.IsGreaterThan(2.5f, value * (1 / scale));
        var quantized = new sbyte[20];
        QuantizeLinear.ToInt8(Enumerable.Repeat(value, 20).ToArray(), quantized, scale, 0, -127, 127);
        Assert.IsTrue(quantized.All(q => q == 2));
    }

    [TestMethod]
    public void Infinities_saturate_and_NaN_is_the_zero_point()
    {
        var quantized = new sbyte[3];
        QuantizeLinear.ToInt8([float.PositiveInfinity, float.NegativeInfinity, float.NaN], quantized, scale: 0.1f, zeroPoint: 7, minimum: -100, maximum: 100);
        CollectionAssert.AreEqual(new sbyte[] { 100, -100, 7 }, quantized);
    }

    [TestMethod]
    public void Channels_of_every_layout_have_their_own_scale()
    {
        foreach (var (outer, channels, inner) in ChannelLayouts.All)
        {
            var values = KernelData.ValuesWithSpecials(outer * channels * inner, seed: channels);
            var scales = Enumerable.Range(1, channels).Select(channel => channel * 0.0123f).ToArray();
            var quantized = new sbyte[values.Length];
            QuantizeLinear.PerChannel(values, quantized, outer, channels, inner, scales);
            for (var i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(Reference(values[i], scales[i / inner % channels], 0, -127, 127), quantized[i], $"[{outer}, {channels}, {inner}] at {i}");
            }
        }
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(-1f)]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void A_scale_that_is_not_positive_and_finite_is_refused(float scale)
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToInt8([1], new sbyte[1], scale, 0, -127, 127));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToUInt8([1], new byte[1], scale, 0, 0, 255));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.PerChannel([1, 1], new sbyte[2], 1, 2, 1, [1, scale]));
    }

    [TestMethod]
    public void Limits_and_zero_points_outside_the_type_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToInt8([1], new sbyte[1], 1, 0, -129, 127));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToInt8([1], new sbyte[1], 1, 0, -127, 128));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToInt8([1], new sbyte[1], 1, 128, -127, 127));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToInt8([1], new sbyte[1], 1, 0, 1, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToUInt8([1], new byte[1], 1, -1, 0, 255));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => QuantizeLinear.ToUInt8([1], new byte[1], 1, 0, 0, 256));
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => QuantizeLinear.ToInt8([1, 2], new sbyte[1], 1, 0, -127, 127));
        Assert.ThrowsExactly<ArgumentException>(() => QuantizeLinear.ToUInt8([1, 2], new byte[3], 1, 0, 0, 255));
        Assert.ThrowsExactly<ArgumentException>(() => QuantizeLinear.PerChannel(new float[6], new sbyte[6], 1, 2, 2, [1, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => QuantizeLinear.PerChannel(new float[4], new sbyte[5], 1, 2, 2, [1, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => QuantizeLinear.PerChannel(new float[4], new sbyte[4], 1, 2, 2, [1]));
    }

    private static int Reference(float value, float scale, int zeroPoint, int minimum, int maximum)
    {
        var quotient = value / scale;
        return float.IsNaN(quotient) ? Math.Clamp(zeroPoint, minimum, maximum) : (int)Math.Clamp(Math.Round((double)quotient, MidpointRounding.ToEven) + zeroPoint, minimum, maximum);
    }
}
