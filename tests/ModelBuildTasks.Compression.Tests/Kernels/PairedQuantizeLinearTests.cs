using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class PairedQuantizeLinearTests
{
    private static readonly float[] Scales = [0.031415927f, 0.02f, 1e-3f, 0.5f, 3e38f, float.Epsilon];

    [TestMethod]
    public void Pairs_that_exceed_the_bound_take_the_nearest_point_on_it()
    {
        // 100 + 60 is 32 too much, and each gives 16; signs do not matter; 127 + 2 gives one to the second, as halves go to the even shift of 0.
        AssertPairs([100, -100, 127, 2, 90.4f], [60, -60, 2, 127, 40.4f], [84, -84, 127, 2, 89], [44, -44, 1, 126, 39], bound: 128);
    }

    [TestMethod]
    public void Pairs_within_the_bound_and_of_opposite_signs_stay() =>
        AssertPairs([127, -127, 64.4f, 127, 0], [1, -1, 63.6f, -127, 127], [127, -127, 64, 127, 0], [1, -1, 64, -127, 127], bound: 128);

    [TestMethod]
    public void A_wider_bound_lets_more_pass() => AssertPairs([100, 127], [60, 127], [100, 86], [60, 86], bound: 172);

    [TestMethod]
    public void Any_length_offset_scale_and_bound_is_that_of_a_plain_loop()
    {
        foreach (var length in KernelData.Lengths)
        {
            var offset = length % 5;
            var first = KernelData.ValuesWithSpecials(offset + length, seed: length).AsSpan(offset);
            var second = KernelData.ValuesWithSpecials(offset + length, seed: ~length).AsSpan(offset);
            var (quantizedFirst, quantizedSecond) = (new sbyte[length + 2], new sbyte[length + 2]);
            foreach (var scale in Scales)
            {
                foreach (var bound in new[] { 127, 128, 200, 254 })
                {
                    PairedQuantizeLinear.ToInt8(first, second, quantizedFirst.AsSpan(1, length), quantizedSecond.AsSpan(1, length), scale, bound);
                    for (var i = 0; i < length; i++)
                    {
                        Assert.AreEqual(Reference(first[i], second[i], scale, bound), (quantizedFirst[i + 1], quantizedSecond[i + 1]), $"({first[i]:G9}, {second[i]:G9}) / {scale:G9} within {bound}");
                    }

                    Assert.AreEqual((0, 0, 0, 0), (quantizedFirst[0], quantizedFirst[^1], quantizedSecond[0], quantizedSecond[^1]), "Nothing around the destinations is written.");
                }
            }
        }
    }

    [TestMethod]
    public void Channels_have_their_own_scale()
    {
        foreach (var length in KernelData.Lengths)
        {
            var (first, second) = (KernelData.ValuesWithSpecials(length, seed: length), KernelData.ValuesWithSpecials(length, seed: ~length));
            var scales = Enumerable.Range(1, length).Select(channel => channel * 0.00123f).ToArray();
            var (quantizedFirst, quantizedSecond) = (new sbyte[length], new sbyte[length]);
            PairedQuantizeLinear.PerChannel(first, second, quantizedFirst, quantizedSecond, scales, 128);
            for (var i = 0; i < length; i++)
            {
                Assert.AreEqual(Reference(first[i], second[i], scales[i], 128), (quantizedFirst[i], quantizedSecond[i]), $"at {i} of {length}");
            }
        }
    }

    [TestMethod]
    public void No_pair_exceeds_the_bound_and_no_other_pair_within_it_is_nearer()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 2000; trial++)
        {
            var (a, b) = ((float)(254 * (random.NextDouble() - 0.5)), (float)(254 * (random.NextDouble() - 0.5)));
            var bound = random.Next(127, 255);
            var (x, y) = (new sbyte[1], new sbyte[1]);
            PairedQuantizeLinear.ToInt8([a], [b], x, y, 1, bound);

            Assert.IsLessThanOrEqualTo(bound, Math.Abs(x[0] + y[0]));
            Assert.IsTrue(Math.Abs(x[0]) <= 127 && Math.Abs(y[0]) <= 127);
            Assert.IsLessThanOrEqualTo(Nearest(a, b, bound) + 1e-3, Distance(a, b, x[0], y[0]), $"({a}, {b}) within {bound}: ({x[0]}, {y[0]})");
        }
    }

    [TestMethod]
    public void With_no_limit_it_is_the_plain_operator()
    {
        var (first, second) = (KernelData.ValuesWithSpecials(4099, seed: 1), KernelData.ValuesWithSpecials(4099, seed: 2));
        var (quantizedFirst, quantizedSecond, plain) = (new sbyte[4099], new sbyte[4099], new sbyte[4099]);
        PairedQuantizeLinear.ToInt8(first, second, quantizedFirst, quantizedSecond, 0.02f, 254);

        QuantizeLinear.ToInt8(first, plain, 0.02f, 0, -127, 127);
        CollectionAssert.AreEqual(plain, quantizedFirst);
        QuantizeLinear.ToInt8(second, plain, 0.02f, 0, -127, 127);
        CollectionAssert.AreEqual(plain, quantizedSecond);
    }

    [TestMethod]
    public void What_does_not_fit_is_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PairedQuantizeLinear.ToInt8([1, 2], [1], new sbyte[2], new sbyte[2], 1, 128));
        Assert.ThrowsExactly<ArgumentException>(() => PairedQuantizeLinear.ToInt8([1], [1], new sbyte[2], new sbyte[1], 1, 128));
        Assert.ThrowsExactly<ArgumentException>(() => PairedQuantizeLinear.ToInt8([1], [1], new sbyte[1], new sbyte[2], 1, 128));
        Assert.ThrowsExactly<ArgumentException>(() => PairedQuantizeLinear.PerChannel([1], [1], new sbyte[1], new sbyte[1], [1, 1], 128));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PairedQuantizeLinear.ToInt8([1], [1], new sbyte[1], new sbyte[1], 1, 126));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PairedQuantizeLinear.ToInt8([1], [1], new sbyte[1], new sbyte[1], 0, 128));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PairedQuantizeLinear.PerChannel([1], [1], new sbyte[1], new sbyte[1], [float.NaN], 128));
    }

    private static void AssertPairs(float[] first, float[] second, sbyte[] expectedFirst, sbyte[] expectedSecond, int bound)
    {
        var (quantizedFirst, quantizedSecond) = (new sbyte[first.Length], new sbyte[first.Length]);
        PairedQuantizeLinear.ToInt8(first, second, quantizedFirst, quantizedSecond, 1, bound);
        CollectionAssert.AreEqual(expectedFirst, quantizedFirst);
        CollectionAssert.AreEqual(expectedSecond, quantizedSecond);
    }

    private static (sbyte, sbyte) Reference(float first, float second, float scale, int bound)
    {
        var (a, b) = (Saturate(first / scale), Saturate(second / scale));
        var (x, y) = (MathF.Round(a), MathF.Round(b));
        if (Math.Abs(x + y) > bound)
        {
            var target = Math.CopySign(bound, x + y);
            var shift = (a - x - (b - y) - (x + y - (float)target)) * 0.5f;
            x += MathF.Round(shift);
            y = (float)target - x;
        }

        return ((sbyte)x, (sbyte)y);
    }

    private static float Saturate(float value) => float.IsNaN(value) ? 0 : Math.Clamp(value, -127, 127);

    private static double Nearest(float a, float b, int bound)
    {
        var nearest = double.PositiveInfinity;
        for (var x = -127; x <= 127; x++)
        {
            // With x fixed, y is b rounded into what the bound leaves.
            var y = Math.Clamp(Math.Round((double)b), Math.Max(-127, -bound - x), Math.Min(127, bound - x));
            nearest = Math.Min(nearest, Distance(a, b, x, y));
        }

        return nearest;
    }

    private static double Distance(float a, float b, double x, double y) => ((a - x) * (a - x)) + ((b - y) * (b - y));
}
