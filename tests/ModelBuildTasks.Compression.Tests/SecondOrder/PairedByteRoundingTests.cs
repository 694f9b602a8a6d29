using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>Bytes whose pairs are bound.</summary>
[TestClass]
public sealed class PairedByteRoundingTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void No_pair_exceeds_the_bound_at_any_depth_and_scale()
    {
        for (var depth = 2; depth <= 33; depth++)
        {
            AssertBound(new PairOrder(depth, 1), depth);
        }
    }

    [TestMethod]
    [DataRow(18, 9)]
    [DataRow(27, 9)]
    [DataRow(36, 4)]
    [DataRow(15, 5)]
    public void No_pair_of_a_kernel_with_positions_exceeds_the_bound(int depth, int positions) => AssertBound(new PairOrder(depth, positions), depth);

    [TestMethod]
    public void Partners_are_those_that_the_order_puts_side_by_side()
    {
        // Two channels of three positions, [c0p0, c0p1, c0p2, c1p0, c1p1, c1p2]: the kernel sums channels at each position.
        var grid = new PairedByteRounding(6, [1], new PairBound(new PairOrder(6, 3), 128));

        CollectionAssert.AreEqual(new int?[] { 3, 4, 5, 0, 1, 2 }, Enumerable.Range(0, 6).Select(grid.Partner).ToArray());
    }

    [TestMethod]
    public void Of_an_odd_number_the_last_in_the_order_is_alone()
    {
        // Three channels of one position each, and of three: places 0 to 8 are c0p0, c1p0, c2p0, c0p1, …, and the last one is c2p2.
        Assert.IsNull(new PairedByteRounding(3, [1], new PairBound(new PairOrder(3, 1), 128)).Partner(2));
        Assert.IsNull(new PairedByteRounding(9, [1], new PairBound(new PairOrder(9, 3), 128)).Partner(8));
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(64)]
    [DataRow(131)]
    public void Where_no_pair_is_near_the_bound_bytes_are_those_of_the_same_order_without_it(int inputs)
    {
        var layer = CorrelatedLayer.Of(inputs, 6, inputs);
        var paired = new PairedByteRounding(inputs, layer.Scales, new PairBound(new PairOrder(inputs, 1), PairBound.NoLimit));
        var plain = new ByteRounding(inputs, layer.Scales);
        var factor = layer.Factor(Pairs.Units(paired, inputs));
        var noises = ErrorFeedback.Round(factor, layer.Weights, 6, paired);

        foreach (var (expected, actual) in ErrorFeedback.Round(factor, layer.Weights, 6, plain).Zip(noises))
        {
            Assert.AreEqual(expected, actual, 1e-9 * expected);
        }

        CollectionAssert.AreEqual(plain.Levels, paired.Levels);
    }

    /// <summary>Pairs beyond the bound get the two levels with the least error of all 255 · 255.</summary>
    [TestMethod]
    public void Two_levels_beyond_the_bound_become_the_best_of_all_that_keep_it()
    {
        const int Limit = 128;
        var random = new Random(1);
        var (worst, beyond) = (1.0, 0);
        for (var trial = 0; trial < 600; trial++)
        {
            var (scale, sign) = ((float)Math.Pow(10, (random.NextDouble() * 4) - 3), random.Next(2) == 0 ? 1 : -1);
            // Far beyond the bound, or just: there one level less of either may be better than the bound itself.
            var far = trial % 2 == 0 ? 80 : 6;
            var (first, second) = (sign * scale * (62 + (far * random.NextDouble())), sign * scale * (62 + (far * random.NextDouble())));
            var weight = first + (scale * (random.NextDouble() - 0.5) * far);
            var factors = (0.2 + random.NextDouble(), 0.2 + random.NextDouble(), (4 * random.NextDouble()) - 2);
            var grid = new PairedByteRounding(2, [scale], new PairBound(new PairOrder(2, 1), Limit));
            var (restoredFirst, restoredSecond) = (new double[1], new double[1]);
            grid.Round(new InputPair(0, 1, [weight], [1], [first], [second], factors), restoredFirst, restoredSecond);

            var plain = Math.Clamp(Math.Round(first / scale), -127, 127);
            var other = Math.Clamp(Math.Round((second + (factors.Item3 * (weight - (plain * scale)))) / scale), -127, 127);
            Assert.AreEqual(grid.Levels[0] * scale, (float)restoredFirst[0]);
            Assert.AreEqual(grid.Levels[1] * scale, (float)restoredSecond[0]);
            if (Math.Abs(plain + other) <= Limit)
            {
                Assert.AreEqual((plain, other), (grid.Levels[0], grid.Levels[1]));
                continue;
            }

            beyond++;
            var least = double.MaxValue;
            for (var left = -127; left <= 127; left++)
            {
                for (var right = Math.Max(-127, -Limit - left); right <= Math.Min(127, Limit - left); right++)
                {
                    least = Math.Min(least, Error(left, right));
                }
            }

            worst = Math.Max(worst, Error(grid.Levels[0], grid.Levels[1]) / least);

            double Error(int left, int right) => Math.Pow(factors.Item1 * (first - (left * scale)), 2) + Math.Pow(factors.Item2 * (second + (factors.Item3 * (weight - (left * scale))) - (right * scale)), 2);
        }

        TestContext.WriteLine($"{beyond} pairs beyond the bound, at worst {worst:F6} times the least error");
        Assert.IsGreaterThan(100, beyond);
        Assert.IsLessThan(1 + 1e-12, worst);
    }

    private static void AssertBound(PairOrder order, int depth)
    {
        foreach (var limit in new[] { 128, 200, 253 })
        {
            foreach (var factor in new[] { 0.2f, 0.7f, 1, 20 })
            {
                var layer = CorrelatedLayer.Of(depth, 5, depth);
                layer.Scales = Array.ConvertAll(layer.Scales, scale => scale * factor);
                var grid = new PairedByteRounding(depth, layer.Scales, new PairBound(order, limit));
                ErrorFeedback.Round(layer.Factor(Pairs.Units(grid, depth)), layer.Weights, 5, grid);
                var inputAt = Enumerable.Range(0, depth).OrderBy(order.Place).ToArray();
                for (var place = 0; place + 1 < depth; place += 2)
                {
                    for (var output = 0; output < 5; output++)
                    {
                        var sum = grid.Levels[(inputAt[place] * 5) + output] + grid.Levels[(inputAt[place + 1] * 5) + output];
                        Assert.IsLessThanOrEqualTo(limit, Math.Abs(sum), $"depth {depth}, place {place}");
                    }
                }
            }
        }
    }
}
