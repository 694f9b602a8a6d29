using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class BlockKernelTests
{
    [TestMethod]
    public void Levels_errors_and_fits_of_two_small_blocks_are_those_computed_by_hand()
    {
        // The columns are the blocks: (1, 2.4, −9) at scale 1 with levels −8 … 7, and (0.5, −1, 20) at scale −0.5 with levels −3 … 12.
        float[] values = [1, 0.5f, 2.4f, -1, -9, 20];
        float[] importance = [1, 4, 2, 1, 3, 2];
        var (levels, errors, fitted) = (new byte[6], new float[2], new float[2]);

        BlockLevels.Of(values, [1, -0.5f], [-8, -3], levels);
        BlockErrors.Of(values, importance, [1, -0.5f], [-8, -3], errors);
        BlockFits.Of(values, importance, [1, -0.5f], [-8, -3], fitted);

        CollectionAssert.AreEqual(new byte[] { 9, 2, 10, 5, 0, 0 }, levels);
        Assert.AreEqual((2 * 0.4f * 0.4f) + 3, errors[0], 1e-6f);
        Assert.AreEqual(2 * 18.5f * 18.5f, errors[1], 1e-3f);
        // The levels are (1, 2, −8) and (−1, 2, −3).
        Assert.AreEqual((1 + (2 * 2 * 2.4f) + (3 * 72)) / (1 + (2 * 4) + (3 * 64)), fitted[0], 1e-6f);
        Assert.AreEqual(-((4 * 0.5f) + 2 + (2 * 60)) / (4 + 4 + (2 * 9)), fitted[1], 1e-6f);
    }

    [TestMethod]
    public void Importance_grows_with_the_weight_and_tells_nothing_where_squares_vanish_or_overflow()
    {
        // The columns: mean squares 12, none, less than any float, more than any float.
        var importance = new float[8];

        BlockImportance.Of([0, 0, 1e-30f, 1e30f, MathF.Sqrt(24), 0, 0, 1], 4, importance);

        CollectionAssert.AreEqual(new[] { 1, 1, 1, 1, MathF.Sqrt(3), 1, 1, 1 }, importance);
    }

    [TestMethod]
    public void A_block_whose_levels_are_all_zero_has_no_fit()
    {
        var fitted = new float[1];

        BlockFits.Of([0.1f, -0.2f], [1, 1], [1], [-8], fitted);

        CollectionAssert.AreEqual(new float[] { 0 }, fitted);
    }

    [TestMethod]
    public void Halves_are_rounded_to_even_before_the_least_level_is_taken_off()
    {
        var levels = new byte[4];

        BlockLevels.Of([0.5f, 1.5f, -0.5f, -1.5f], [1, 1, 1, 1], [-3, -3, -3, -3], levels);

        CollectionAssert.AreEqual(new byte[] { 3, 5, 3, 1 }, levels);
    }

    [TestMethod]
    public void Zero_is_among_the_extremes_of_a_column()
    {
        var (minima, maxima) = (new float[3], new float[3]);

        ColumnExtremes.Of([1, -1, -0f, 3, -2, 0], minima, maxima);

        CollectionAssert.AreEqual(new float[] { 0, -2, 0 }, minima);
        CollectionAssert.AreEqual(new float[] { 3, 0, 0 }, maxima);
    }

    [TestMethod]
    public void Any_number_of_columns_is_what_the_definition_says_of_each()
    {
        foreach (var columns in Enumerable.Range(1, 256))
        {
            const int Rows = 5;
            var values = KernelData.Values(Rows * columns, seed: columns);
            var scales = KernelData.Values(columns, seed: ~columns).Select(value => value == 0 ? 1 : value / 8).ToArray();
            var lowest = Enumerable.Range(0, columns).Select(column => (float)(-column % 16)).ToArray();
            var (levels, errors, fitted, minima, maxima) = (new byte[values.Length], new float[columns], new float[columns], new float[columns], new float[columns]);
            var importance = new float[values.Length];

            BlockLevels.Of(values, scales, lowest, levels);
            BlockImportance.Of(values, columns, importance);
            BlockErrors.Of(values, importance, scales, lowest, errors);
            BlockFits.Of(values, importance, scales, lowest, fitted);
            ColumnExtremes.Of(values, minima, maxima);

            for (var column = 0; column < columns; column++)
            {
                var (error, products, squares, inverse) = (0f, 0f, 0f, 1 / scales[column]);
                var mean = Enumerable.Range(0, Rows).Aggregate(0f, (sum, row) => sum + (values[(row * columns) + column] * values[(row * columns) + column] / Rows));
                for (var row = 0; row < Rows; row++)
                {
                    var value = values[(row * columns) + column];
                    var level = MathF.Round(Math.Clamp(value * inverse, lowest[column], lowest[column] + 15));
                    var rest = value - (level * scales[column]);
                    var weight = importance[(row * columns) + column];
                    error += weight * (rest * rest);
                    products += weight * level * value;
                    squares += weight * level * level;
                    Assert.AreEqual(mean == 0 ? 1 : MathF.Sqrt(1 + (value * value / mean)), weight);
                    Assert.AreEqual((byte)(level - lowest[column]), levels[(row * columns) + column]);
                }

                var own = Enumerable.Range(0, Rows).Select(row => values[(row * columns) + column]).Append(0).ToArray();
                Assert.AreEqual(error, errors[column]);
                Assert.AreEqual(squares == 0 ? 0 : products / squares, fitted[column]);
                Assert.AreEqual(own.Min(), minima[column]);
                Assert.AreEqual(own.Max(), maxima[column]);
            }
        }
    }

    [TestMethod]
    public void Any_number_of_nibbles_is_packed_the_first_one_low()
    {
        foreach (var length in Enumerable.Range(0, 257))
        {
            var low = Array.ConvertAll(KernelData.Bytes(length, seed: length), value => (byte)(value & 15));
            var high = Array.ConvertAll(KernelData.Bytes(length, seed: ~length), value => (byte)(value & 15));
            var packed = new byte[length];

            PackNibbles.Of(low, high, packed);

            CollectionAssert.AreEqual(Enumerable.Range(0, length).Select(i => (byte)(low[i] + (16 * high[i]))).ToArray(), packed);
        }
    }

    [TestMethod]
    public void Rows_become_columns()
    {
        foreach (var (rows, columns) in new[] { (0, 3), (1, 1), (3, 2), (16, 16), (17, 33), (256, 31) })
        {
            var values = KernelData.Values(rows * columns, seed: rows);
            var turned = new float[values.Length];

            Transposition.Of<float>(values, rows, columns, turned);

            for (var i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(values[i], turned[(i % columns * rows) + (i / columns)]);
            }
        }
    }

    [TestMethod]
    public void Rows_of_a_part_become_columns_of_another_and_nothing_else_changes()
    {
        // [. 2 3 .; . 6 7 .; . 10 11 .] turned into rows of five.
        float[] values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        var turned = Enumerable.Repeat(-1f, 9).ToArray();
        Transposition.Of(new ReadOnlyMatrixPart<float>(values, 3, 4).Part(0, 3, 1, 2), new MatrixPart<float>(turned.AsSpan(1), 2, 3, 5));
        CollectionAssert.AreEqual(new float[] { -1, 2, 6, 10, -1, -1, 3, 7, 11 }, turned);
        Assert.ThrowsExactly<ArgumentException>(() => Transposition.Of(new ReadOnlyMatrixPart<float>(values, 3, 4), new MatrixPart<float>(turned, 2, 3)));
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => BlockErrors.Of(new float[7], new float[7], new float[3], new float[3], new float[3]));
        Assert.ThrowsExactly<ArgumentException>(() => BlockErrors.Of(new float[6], new float[5], new float[3], new float[3], new float[3]));
        Assert.ThrowsExactly<ArgumentException>(() => BlockFits.Of(new float[6], new float[6], new float[3], new float[3], new float[2]));
        Assert.ThrowsExactly<ArgumentException>(() => BlockImportance.Of(new float[6], 3, new float[5]));
        Assert.ThrowsExactly<ArgumentException>(() => BlockLevels.Of(new float[6], new float[3], new float[3], new byte[5]));
        Assert.ThrowsExactly<ArgumentException>(() => ColumnExtremes.Of(new float[6], new float[3], new float[2]));
        Assert.ThrowsExactly<ArgumentException>(() => PackNibbles.Of(new byte[3], new byte[3], new byte[2]));
        Assert.ThrowsExactly<ArgumentException>(() => Transposition.Of<float>(new float[6], 2, 2, new float[6]));
    }
}
