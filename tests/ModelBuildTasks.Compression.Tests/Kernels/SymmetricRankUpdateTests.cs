using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class SymmetricRankUpdateTests
{
    [TestMethod]
    public void Sums_of_a_small_case_are_those_computed_by_hand()
    {
        var sums = new[] { 1.0, 7, 2, 3 };
        SymmetricRankUpdate.Add([1, 2, 3, -4], 2, 2, sums);
        CollectionAssert.AreEqual(new[] { 11.0, 7, -8, 23 }, sums);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Any_width_and_count_gives_the_bits_of_the_plain_loop_and_leaves_the_upper_triangle(int threads)
    {
        foreach (var width in MatrixData.Sizes)
        {
            foreach (var count in new[] { width, width * 7 % 71, 255 + (width % 3) })
            {
                Compare(width, count, threads);
            }
        }
    }

    [TestMethod]
    [DataRow(33, 3000)]
    [DataRow(301, 1300)]
    public void Several_panels_and_blocks_give_the_bits_of_the_plain_loop(int width, int count) => Compare(width, count, threads: 2);

    [TestMethod]
    public void Sums_do_not_depend_on_how_rows_are_split_at_multiples_of_a_panel()
    {
        const int Width = 50;
        var rows = KernelData.Values(1500 * Width, seed: 3);
        var (whole, split) = (new double[Width * Width], new double[Width * Width]);
        SymmetricRankUpdate.Add(rows, 1500, Width, whole);
        foreach (var (first, count) in new[] { (0, SymmetricRankUpdate.PanelRows), (256, 1024), (1280, 220) })
        {
            SymmetricRankUpdate.Add(rows.AsSpan(first * Width, count * Width), count, Width, split);
        }

        CollectionAssert.AreEqual(whole, split);
    }

    [TestMethod]
    public void Many_rows_lose_no_more_than_single_precision_does_in_one_panel()
    {
        const int Count = 20_000;
        var rows = Array.ConvertAll(KernelData.Values(Count, seed: 4), value => value + 3);
        var sums = new double[1];
        SymmetricRankUpdate.Add(rows, Count, 1, sums);
        var exact = rows.Sum(value => (double)value * value);
        Assert.AreEqual(exact, sums[0], exact * 2e-6);
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => SymmetricRankUpdate.Add(new float[7], 2, 3, new double[9]));
        Assert.ThrowsExactly<ArgumentException>(() => SymmetricRankUpdate.Add(new float[6], 2, 3, new double[8]));
    }

    private static void Compare(int width, int count, int threads)
    {
        var rows = KernelData.Values(count * width, seed: width);
        var sums = MatrixData.Doubles(width * width, seed: count);
        var expected = (double[])sums.Clone();
        MatrixData.AddRank(rows, count, width, expected);
        SymmetricRankUpdate.Add(rows, count, width, sums, threads);
        CollectionAssert.AreEqual(expected, sums, $"{count} rows of {width}");
    }
}
