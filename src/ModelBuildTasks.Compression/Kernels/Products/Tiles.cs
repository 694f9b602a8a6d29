using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>The tiles of a product leftᵀ · right, whose sums stay in registers while the depth passes by.</summary>
internal static unsafe class Tiles
{
    /// <summary>Rows of a tile: as many broadcast values as a processor loads while it multiplies and adds one vector with each.</summary>
    public const int Rows = 8;

    /// <summary>Runs all tiles of some rows, column by column; of the lower triangle only those that reach it.</summary>
    public static void Run<T, TTile>(in TTile tile, int firstRow, int endRow, int columns, bool lower)
        where T : unmanaged, INumberBase<T>
        where TTile : ITile<T>
    {
        var end = lower ? Math.Min(columns, endRow) : columns;
        var column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; column < end - (2 * Vector512<T>.Count); column += TileRow512x3<T>.Count)
            {
                RunColumn<T, TTile, TileRow512x3<T>>(tile, firstRow, endRow, column, lower);
            }

            for (; column < end; column += TileRow512<T>.Count)
            {
                RunColumn<T, TTile, TileRow512<T>>(tile, firstRow, endRow, column, lower);
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            for (; column < end; column += TileRow256<T>.Count)
            {
                RunColumn<T, TTile, TileRow256<T>>(tile, firstRow, endRow, column, lower);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; column < end; column += TileRow128<T>.Count)
            {
                RunColumn<T, TTile, TileRow128<T>>(tile, firstRow, endRow, column, lower);
            }
        }
        else
        {
            for (; column < end; column++)
            {
                RunColumn<T, TTile, TileRow1<T>>(tile, firstRow, endRow, column, lower);
            }
        }
    }

    /// <summary>How many columns of a tile exist in a row of sums.</summary>
    public static int Reach<T, TRow>(int row, int column, int rows, int columns, bool lower)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T> => row < rows ? Math.Clamp((lower ? Math.Min(columns, row + 1) : columns) - column, 0, TRow.Count) : 0;

    private static void RunColumn<T, TTile, TRow>(in TTile tile, int firstRow, int endRow, int column, bool lower)
        where T : unmanaged, INumberBase<T>
        where TTile : ITile<T>
        where TRow : struct, ITileRow<TRow, T>
    {
        for (var row = firstRow; row < endRow; row += Rows)
        {
            if (!lower || column < row + Rows)
            {
                tile.Run<TRow>(row, column);
            }
        }
    }

    /// <summary>sums[i, j] = sums[i, j] ± left[k, i] · right[k, j] for one k after the other.</summary>
    /// <param name="left">The first of <see cref="Rows"/> columns in <see cref="ColumnGroups"/>.</param>
    /// <param name="right">The first column likewise.</param>
    /// <param name="depth">The number of k.</param>
    /// <param name="sums">The first of the tile's sums.</param>
    /// <param name="stride">How many values behind a row of sums the next one begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<T, TRow, TOperator>(T* left, T* right, int depth, T* sums, int stride)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T>
        where TOperator : IProductOperator
    {
        var step = (nuint)ColumnGroups.Width<T>();
        var groupLength = (nuint)depth * step;
        var sum0 = TRow.Load(sums);
        var sum1 = TRow.Load(sums + stride);
        var sum2 = TRow.Load(sums + (2 * stride));
        var sum3 = TRow.Load(sums + (3 * stride));
        var sum4 = TRow.Load(sums + (4 * stride));
        var sum5 = TRow.Load(sums + (5 * stride));
        var sum6 = TRow.Load(sums + (6 * stride));
        var sum7 = TRow.Load(sums + (7 * stride));
        for (var k = 0; k < depth; k++)
        {
            var row = TRow.LoadGroups(right, groupLength);
            sum0 = TOperator.Of<T, TRow>(sum0, row * left[0]);
            sum1 = TOperator.Of<T, TRow>(sum1, row * left[1]);
            sum2 = TOperator.Of<T, TRow>(sum2, row * left[2]);
            sum3 = TOperator.Of<T, TRow>(sum3, row * left[3]);
            sum4 = TOperator.Of<T, TRow>(sum4, row * left[4]);
            sum5 = TOperator.Of<T, TRow>(sum5, row * left[5]);
            sum6 = TOperator.Of<T, TRow>(sum6, row * left[6]);
            sum7 = TOperator.Of<T, TRow>(sum7, row * left[7]);
            left += step;
            right += step;
        }

        TRow.Store(sum0, sums);
        TRow.Store(sum1, sums + stride);
        TRow.Store(sum2, sums + (2 * stride));
        TRow.Store(sum3, sums + (3 * stride));
        TRow.Store(sum4, sums + (4 * stride));
        TRow.Store(sum5, sums + (5 * stride));
        TRow.Store(sum6, sums + (6 * stride));
        TRow.Store(sum7, sums + (7 * stride));
    }
}
