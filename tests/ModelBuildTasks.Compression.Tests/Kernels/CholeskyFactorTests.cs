using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class CholeskyFactorTests
{
    [TestMethod]
    public void The_factor_of_a_small_case_is_that_computed_by_hand()
    {
        // What is above the diagonal is not read.
        var matrix = new[] { 4, double.NaN, double.NaN, 12, 37, double.NaN, -16, -43, 98 };
        Assert.IsTrue(CholeskyFactor.InPlace(matrix, 3));
        CollectionAssert.AreEqual(new double[] { 2, 0, 0, 6, 1, 0, -8, 5, 3 }, matrix);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void The_factor_times_itself_turned_is_the_matrix_at_any_size(int threads)
    {
        foreach (var size in MatrixData.Sizes)
        {
            var matrix = MatrixData.PositiveDefinite(size, seed: size);
            var factor = (double[])matrix.Clone();
            Assert.IsTrue(CholeskyFactor.InPlace(factor, size, threads), $"size {size}");
            var largest = matrix.Select(Math.Abs).DefaultIfEmpty().Max();
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    var product = 0.0;
                    for (var k = 0; k <= Math.Min(i, j); k++)
                    {
                        product += factor[(i * size) + k] * factor[(j * size) + k];
                    }

                    Assert.AreEqual(matrix[(i * size) + j], product, largest * 1e-14, $"[{i}, {j}] of {size}");
                    Assert.IsTrue(j <= i || factor[(i * size) + j] == 0, $"[{i}, {j}] of {size} is above the diagonal");
                }
            }
        }
    }

    [TestMethod]
    public void Blocks_change_no_bit_of_the_factor_that_plain_columns_give()
    {
        const int Size = 300;
        var factor = MatrixData.PositiveDefinite(Size, seed: 9);
        var plain = (double[])factor.Clone();
        for (var column = 0; column < Size; column++)
        {
            for (var row = column; row < Size; row++)
            {
                for (var k = 0; k < column; k++)
                {
                    plain[(row * Size) + column] -= plain[(row * Size) + k] * plain[(column * Size) + k];
                }
            }

            var root = Math.Sqrt(plain[(column * Size) + column]);
            for (var row = 0; row < Size; row++)
            {
                plain[(row * Size) + column] = row < column ? 0 : plain[(row * Size) + column] / root;
            }
        }

        Assert.IsTrue(CholeskyFactor.InPlace(factor, Size, threads: 2));
        CollectionAssert.AreEqual(plain, factor);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(20)]
    [DataRow(200)]
    public void A_matrix_with_a_negative_eigenvalue_has_no_factor(int size)
    {
        var matrix = MatrixData.PositiveDefinite(size, seed: size);
        matrix[^1] = -1;
        Assert.IsFalse(CholeskyFactor.InPlace(matrix, size));
        Assert.IsFalse(CholeskyFactor.InPlace([1, 0, 2, 1], 2));
    }

    [TestMethod]
    public void A_matrix_without_full_rank_has_no_factor()
    {
        Assert.IsFalse(CholeskyFactor.InPlace([1, 1, 1, 1], 2));
        Assert.IsFalse(CholeskyFactor.InPlace(new double[9], 3));
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void What_is_no_number_has_no_factor(double value)
    {
        Assert.IsFalse(CholeskyFactor.InPlace([value, 0, 0, 1], 2));
        Assert.IsFalse(CholeskyFactor.InPlace([1, 0, value, 1], 2));
    }

    [TestMethod]
    public void A_length_that_does_not_fit_is_refused() => Assert.ThrowsExactly<ArgumentException>(() => CholeskyFactor.InPlace(new double[8], 3));
}
