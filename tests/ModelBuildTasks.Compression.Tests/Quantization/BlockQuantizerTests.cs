using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Tests.Quantization;

[TestClass]
public sealed class BlockQuantizerTests
{
    private static readonly float[] Halves = [.. Enumerable.Range(0, 16).Select(i => (i - 8) / 2f)];

    [TestMethod]
    public void A_full_block_and_a_padded_one_are_those_computed_by_hand()
    {
        // −4 … 3.5 at scale 0.5 use all levels; 1 and −2 at scale 0.25 are levels 12 and 0, and the zeros behind them level 8.
        var weight = Quantize([.. Halves, 1, -2], new BlockLayout(1, 18, 1, 16), isSymmetric: true);

        CollectionAssert.AreEqual(new[] { 0.5f, 0.25f }, weight.Scales);
        CollectionAssert.AreEqual(new byte[] { 0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 0x0C, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88 }, weight.Values.ToByteArray());
        Assert.IsNull(weight.ZeroPoints);
        Assert.AreEqual(0, weight.Noise);
        Assert.AreEqual(Halves.Sum(value => value * value) + 5, weight.Signal);
    }

    [TestMethod]
    public void The_largest_weight_lies_at_level_minus_8_whatever_its_sign_is()
    {
        var weight = Quantize([.. Halves.Select(value => -value)], new BlockLayout(1, 16, 1, 16), isSymmetric: true);

        Assert.AreEqual(-0.5f, weight.Scales[0]);
        Assert.AreEqual(0, weight.Noise);
    }

    [TestMethod]
    [DataRow(0f, 0)]
    [DataRow(-7.5f, 15)]
    [DataRow(-2f, 4)]
    public void With_a_zero_point_a_block_of_any_range_around_zero_uses_all_levels(float least, int zeroPoint)
    {
        var weight = Quantize([.. Enumerable.Range(0, 16).Select(i => least + (i / 2f))], new BlockLayout(1, 16, 1, 16), isSymmetric: false);

        Assert.AreEqual(0.5f, weight.Scales[0]);
        CollectionAssert.AreEqual(new[] { (byte)zeroPoint }, weight.ZeroPoints);
        Assert.AreEqual(0, weight.Noise);
        Assert.AreEqual(0x10, weight.Values[0]);
    }

    [TestMethod]
    public void A_block_on_one_side_of_zero_is_widened_to_zero()
    {
        var weight = Quantize([.. Enumerable.Range(0, 16).Select(i => 30 + (i / 16f))], new BlockLayout(1, 16, 1, 16), isSymmetric: false);

        CollectionAssert.AreEqual(new byte[] { 0 }, weight.ZeroPoints);
        Assert.IsLessThan(0.001, weight.Noise / weight.Signal);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Zeros_stay_zeros(bool isSymmetric)
    {
        var weight = Quantize(new float[32], new BlockLayout(1, 32, 1, 16), isSymmetric);

        Assert.IsTrue(Restore(weight).All(value => value == 0));
        Assert.IsTrue(weight.Scales.All(scale => scale == 1));
    }

    [TestMethod]
    public void Zero_points_are_two_to_a_byte_for_each_row()
    {
        // Three blocks a row: zero points 0, 15, 4 and 4, 15, 0.
        float[] up = [.. Enumerable.Range(0, 16).Select(i => i / 2f)], down = [.. up.Select(value => value - 7.5f)], middle = [.. up.Select(value => value - 2)];

        var weight = Quantize([.. up, .. down, .. middle, .. middle, .. down, .. up], new BlockLayout(2, 48, 1, 16), isSymmetric: false);

        CollectionAssert.AreEqual(new byte[] { 0xF0, 0x04, 0xF4, 0x00 }, weight.ZeroPoints);
    }

    [TestMethod]
    [DataRow(2, 40, 1)]
    [DataRow(1, 40, 300)]
    [DataRow(3, 70, 5)]
    [DataRow(300, 100, 1)]
    public void The_error_by_importance_is_never_above_that_of_the_scale_that_just_holds_a_block(int outer, int depth, int inner)
    {
        foreach (var isSymmetric in new[] { true, false })
        {
            var layout = new BlockLayout(outer, depth, inner, 32);
            var values = RandomTensors.Singles(new Random(depth), (long)outer * depth * inner);

            var weight = Quantize(values, layout, isSymmetric);

            var restored = Restore(weight);
            var plain = 0.0;
            for (var row = 0; row < layout.Rows; row++)
            {
                for (var block = 0; block < layout.BlocksPerRow; block++)
                {
                    var places = Enumerable.Range(block * 32, Math.Min(32, depth - (block * 32))).Select(k => Place(layout, row, k)).ToArray();
                    var mean = places.Sum(place => Math.Pow(values[place], 2)) / 32;
                    double Weighted(IEnumerable<double> errors) => errors.Zip(places, (error, place) => Math.Sqrt(1 + (Math.Pow(values[place], 2) / mean)) * error).Sum();
                    var ownPlain = Plain(places.Select(place => values[place]).ToArray(), isSymmetric);
                    Assert.IsLessThanOrEqualTo(Weighted(ownPlain) * 1.0001, Weighted(places.Select(place => Math.Pow(values[place] - restored[place], 2))), $"row {row} block {block}");
                    plain += ownPlain.Sum();
                }
            }

            Assert.AreEqual(weight.Noise, values.Zip(restored, (a, b) => Math.Pow((double)a - b, 2)).Sum(), 1e-4 * weight.Noise);
            Assert.IsLessThan(0.97 * plain, weight.Noise, "the search gains nothing");
        }
    }

    [TestMethod]
    public void Weights_too_small_for_scales_of_16_bits_have_scales_of_32()
    {
        float[] small = [.. Halves.Select(value => value * 1e-6f)];

        var weight = Quantize(small, new BlockLayout(1, 16, 1, 16), isSymmetric: true);

        Assert.IsFalse(weight.ScalesAreHalf);
        Assert.IsLessThan(1e-12, weight.Noise / weight.Signal);
        Assert.IsTrue(Quantize(Halves, new BlockLayout(1, 16, 1, 16), isSymmetric: true).ScalesAreHalf);
    }

    [TestMethod]
    public void Levels_that_were_chosen_elsewhere_are_packed_as_they_are()
    {
        // Two rows of 18 beside one another: the first one's levels rise from 0, the second one's fall from 15. Zero points fill up the second blocks.
        var layout = new BlockLayout(1, 18, 2, 16);
        var grid = new BlockGrid(layout, [1, 2, -1, 0.5f], true, [3, 4, 5, 6]);
        byte[] levels = [.. Enumerable.Range(0, 18).SelectMany(k => new[] { (byte)(k % 16), (byte)(15 - (k % 16)) })];
        float[] values = new float[36];
        // The first weight of the second row: (15 − 5) · −1 = −10; the others are zeros that levels move away from.
        values[1] = -9;

        var weight = BlockQuantizer.Pack(new SinglesReader(values), grid, levels, length => new PayloadWriter(length));

        CollectionAssert.AreEqual(
            new byte[]
            {
                0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE, 0x10, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44,
                0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01, 0xEF, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
            },
            weight.Values.ToByteArray());
        CollectionAssert.AreEqual(new byte[] { 0x43, 0x65 }, weight.ZeroPoints);
        Assert.AreEqual(81, weight.Signal);
        var first = Enumerable.Range(0, 16).Sum(level => Math.Pow(level - 3, 2)) + Math.Pow(-4 * 2, 2) + Math.Pow(-3 * 2, 2);
        var second = 1 + Enumerable.Range(0, 15).Sum(level => Math.Pow(level - 5, 2)) + Math.Pow(9 * 0.5, 2) + Math.Pow(8 * 0.5, 2);
        Assert.AreEqual(first + second, weight.Noise);
    }

    [TestMethod]
    [DataRow(3, 70, 1)]
    [DataRow(1, 40, 300)]
    [DataRow(3, 70, 5)]
    public void What_the_nearest_levels_of_a_grid_stand_for_has_these_levels(int outer, int depth, int inner)
    {
        foreach (var isSymmetric in new[] { true, false })
        {
            var layout = new BlockLayout(outer, depth, inner, 32);
            var values = new SinglesReader(RandomTensors.Singles(new Random(depth), (long)outer * depth * inner));
            var grid = BlockQuantizer.Grid(values, layout, new BlockOptions(32, isSymmetric));
            var rounded = BlockQuantizer.Round(values, grid, length => new PayloadWriter(length));
            var levels = Levels(rounded);

            var packed = BlockQuantizer.Pack(values, grid, levels, length => new PayloadWriter(length));

            Assert.AreEqual(rounded.Values, packed.Values);
            Assert.AreEqual(rounded.Noise, packed.Noise);
            Assert.IsLessThan(rounded.Signal / 80, rounded.Noise);
        }
    }

    [TestMethod]
    public void Levels_that_no_four_bits_hold_or_no_weight_has_are_refused()
    {
        var grid = new BlockGrid(new BlockLayout(1, 16, 1, 16), [1], true, null);

        Assert.ThrowsExactly<ArgumentException>(() => BlockQuantizer.Pack(new SinglesReader(new float[16]), grid, new byte[15], length => new PayloadWriter(length)));
        Assert.ThrowsExactly<ArgumentException>(() => BlockQuantizer.Pack(new SinglesReader(new float[16]), grid, Enumerable.Repeat((byte)16, 16).ToArray(), length => new PayloadWriter(length)));
    }

    private static BlockQuantizedWeight Quantize(float[] values, BlockLayout layout, bool isSymmetric) =>
        BlockQuantizer.Quantize(new SinglesReader(values), layout, new BlockOptions(layout.Size, isSymmetric), length => new PayloadWriter(length));

    /// <summary>The squared errors with the scale that just holds a block.</summary>
    private static double[] Plain(float[] block, bool isSymmetric)
    {
        var (minimum, maximum) = (Math.Min(0, block.Min()), Math.Max(0, block.Max()));
        var scale = (float)(Half)(isSymmetric ? (maximum >= -minimum ? maximum : minimum) / -8 : (maximum - minimum) / 15);
        var zero = isSymmetric ? 8 : (int)Math.Round(-minimum / ((double)maximum - minimum) * 15);
        return Array.ConvertAll(block, value => Math.Pow(value - (Math.Clamp(Math.Round(value / scale), -zero, 15 - zero) * scale), 2));
    }

    private static int Place(BlockLayout layout, int row, int k) => (((row / layout.Inner * layout.Depth) + k) * layout.Inner) + (row % layout.Inner);

    /// <summary>What the levels stand for, read as the operators' documentation says.</summary>
    private static float[] Restore(BlockQuantizedWeight weight)
    {
        var (layout, levels) = (weight.Layout, Levels(weight));
        var restored = new float[levels.Length];
        for (var row = 0; row < layout.Rows; row++)
        {
            for (var k = 0; k < layout.Depth; k++)
            {
                var zero = weight.ZeroPoints is null ? 8 : Nibble(weight.ZeroPoints, (row * ((layout.BlocksPerRow + 1) / 2) * 2) + (k / layout.Size));
                restored[Place(layout, row, k)] = (levels[Place(layout, row, k)] - zero) * weight.Scales[(row * layout.BlocksPerRow) + (k / layout.Size)];
            }
        }

        return restored;
    }

    /// <summary>The levels in the order of the weights.</summary>
    private static byte[] Levels(BlockQuantizedWeight weight)
    {
        var (layout, bytes) = (weight.Layout, weight.Values.ToByteArray());
        var levels = new byte[layout.Outer * layout.Depth * layout.Inner];
        for (var row = 0; row < layout.Rows; row++)
        {
            for (var k = 0; k < layout.Depth; k++)
            {
                levels[Place(layout, row, k)] = (byte)Nibble(bytes, (row * layout.PaddedDepth) + k);
            }
        }

        return levels;
    }

    private static int Nibble(byte[] bytes, int index) => (bytes[index / 2] >> (4 * (index % 2))) & 15;
}
