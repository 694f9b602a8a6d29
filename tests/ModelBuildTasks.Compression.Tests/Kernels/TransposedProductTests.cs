using System.Numerics;
using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Tests.Kernels;

[TestClass]
public sealed class TransposedProductTests
{
    [TestMethod]
    public void Sums_of_a_small_case_are_those_computed_by_hand()
    {
        // [1 2; 3 4; 5 6]ᵀ · [1; 0; -1] = [1 - 5; 2 - 6].
        var sums = new[] { 0.5, 10 };
        TransposedProduct.Add(new ReadOnlyMatrixPart<double>([1, 2, 3, 4, 5, 6], 3, 2), new([1, 0, -1], 3, 1), new(sums, 2, 1));
        CollectionAssert.AreEqual(new[] { -3.5, 6 }, sums);
        TransposedProduct.Subtract(new ReadOnlyMatrixPart<double>([1, 2, 3, 4, 5, 6], 3, 2), new([1, 0, -1], 3, 1), new(sums, 2, 1));
        CollectionAssert.AreEqual(new[] { 0.5, 10 }, sums);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Any_width_and_depth_gives_the_bits_of_the_plain_loop_in_double_precision(bool subtract) => CompareAll(subtract, value => value * 1.1);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Any_width_and_depth_gives_the_bits_of_the_plain_loop_in_single_precision(bool subtract) => CompareAll(subtract, value => value);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    public void The_lower_triangle_alone_has_the_same_bits_and_leaves_the_upper_one(int threads)
    {
        foreach (var width in MatrixData.Sizes)
        {
            var (depth, stride) = ((width * 5 % 67) + (width > 200 ? 300 : 0), width + 3);
            var part = MatrixData.Doubles(Math.Max(1, depth * stride), seed: width);
            var sums = MatrixData.Doubles(Math.Max(1, width * stride), seed: ~width);
            var expected = (double[])sums.Clone();
            PlainLoop(true, part, stride, part, stride, expected, stride, (depth, width, width));
            for (var row = 0; row < width; row++)
            {
                sums.AsSpan((row * stride) + row + 1, width - row - 1).CopyTo(expected.AsSpan((row * stride) + row + 1));
            }

            TransposedProduct.SubtractLower(new ReadOnlyMatrixPart<double>(part, depth, width, stride), new(sums, width, width, stride), threads);
            CollectionAssert.AreEqual(expected, sums, $"width {width}, depth {depth}");
        }
    }

    [TestMethod]
    public void Sums_do_not_depend_on_how_the_depth_is_split()
    {
        var (left, right) = (MatrixData.Doubles(600 * 20, seed: 1), MatrixData.Doubles(600 * 31, seed: 2));
        var (whole, split) = (new double[20 * 31], new double[20 * 31]);
        TransposedProduct.Add(new ReadOnlyMatrixPart<double>(left, 600, 20), new(right, 600, 31), new(whole, 20, 31));
        foreach (var (first, depth) in new[] { (0, 7), (7, 300), (307, 293) })
        {
            TransposedProduct.Add(new ReadOnlyMatrixPart<double>(left, 600, 20).Part(first, depth, 0, 20), new ReadOnlyMatrixPart<double>(right, 600, 31).Part(first, depth, 0, 31), new(split, 20, 31));
        }

        CollectionAssert.AreEqual(whole, split);
    }

    [TestMethod]
    public void Dimensions_that_do_not_fit_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => TransposedProduct.Add(new ReadOnlyMatrixPart<double>(new double[6], 3, 2), new(new double[6], 2, 3), new(new double[6], 2, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => TransposedProduct.Add(new ReadOnlyMatrixPart<double>(new double[6], 3, 2), new(new double[6], 3, 2), new(new double[6], 2, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => TransposedProduct.SubtractLower(new ReadOnlyMatrixPart<double>(new double[6], 3, 2), new(new double[6], 2, 3), 1));
        Assert.ThrowsExactly<ArgumentException>(() => new ReadOnlyMatrixPart<double>(new double[6], 2, 3, 4).Rows.ToString());
        Assert.ThrowsExactly<ArgumentException>(() => new MatrixPart<double>(new double[6], 2, 3, 2).Rows.ToString());
    }

    private static void CompareAll<T>(bool subtract, Func<float, T> convert)
        where T : unmanaged, INumberBase<T>
    {
        foreach (var width in MatrixData.Sizes)
        {
            // Each size once as the left width, as the right one and as the depth, with others beside it.
            Compare(subtract, convert, (width * 7 % 71, width, width * 3 % 71));
            Compare(subtract, convert, (width * 5 % 71, width * 11 % 71, width));
            Compare(subtract, convert, (width, width * 13 % 71, width * 3 % 71));
        }
    }

    private static void Compare<T>(bool subtract, Func<float, T> convert, (int Depth, int Left, int Right) size)
        where T : unmanaged, INumberBase<T>
    {
        var (leftStride, rightStride, stride) = (size.Left + 1, size.Right + 5, size.Right + 3);
        var left = Array.ConvertAll(KernelData.Values(size.Depth * leftStride, seed: size.Left), value => convert(value));
        var right = Array.ConvertAll(KernelData.Values(size.Depth * rightStride, seed: ~size.Right), value => convert(value));
        var sums = Array.ConvertAll(KernelData.Values(size.Left * stride, seed: size.Depth), value => convert(value));
        var expected = (T[])sums.Clone();
        PlainLoop(subtract, left, leftStride, right, rightStride, expected, stride, size);
        var (leftPart, rightPart) = (new Func<ReadOnlyMatrixPart<T>>(() => new(left, size.Depth, size.Left, leftStride)), new Func<ReadOnlyMatrixPart<T>>(() => new(right, size.Depth, size.Right, rightStride)));
        if (subtract)
        {
            TransposedProduct.Subtract(leftPart(), rightPart(), new MatrixPart<T>(sums, size.Left, size.Right, stride));
        }
        else
        {
            TransposedProduct.Add(leftPart(), rightPart(), new MatrixPart<T>(sums, size.Left, size.Right, stride));
        }

        CollectionAssert.AreEqual(expected, sums, $"{size}");
    }

    private static void PlainLoop<T>(bool subtract, T[] left, int leftStride, T[] right, int rightStride, T[] sums, int stride, (int Depth, int Left, int Right) size)
        where T : unmanaged, INumberBase<T>
    {
        for (var i = 0; i < size.Left; i++)
        {
            for (var j = 0; j < size.Right; j++)
            {
                for (var k = 0; k < size.Depth; k++)
                {
                    var product = left[(k * leftStride) + i] * right[(k * rightStride) + j];
                    sums[(i * stride) + j] = subtract ? sums[(i * stride) + j] - product : sums[(i * stride) + j] + product;
                }
            }
        }
    }
}
