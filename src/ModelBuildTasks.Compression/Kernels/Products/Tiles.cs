using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>Tiles of a product leftᵀ · right, whose sums stay in registers while the depth passes by.</summary>
internal static unsafe class Tiles
{
    /// <summary>
    /// Rows of a tile, each one vector wide: enough sums at once that none waits for the addition before it, and few enough registers for every instruction set. Wider tiles load less, but loads are not what takes the time
    /// (96 against 88 GFLOP/s with three vectors side by side).
    /// </summary>
    public const int Rows = 8;

    /// <summary>Runs all tiles of some rows, column by column; of the lower triangle only those that reach it.</summary>
    public static void Run<T, TStrip>(in TStrip strip, int firstRow, int endRow, int columns, bool lower)
        where T : unmanaged, INumberBase<T>
        where TStrip : ITileStrip<T>
    {
        var end = lower ? Math.Min(columns, endRow) : columns;
        if (Vector512.IsHardwareAccelerated)
        {
            RunStrips<T, TStrip, TileRow512<T>>(strip, firstRow, endRow, end, lower);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            RunStrips<T, TStrip, TileRow256<T>>(strip, firstRow, endRow, end, lower);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            RunStrips<T, TStrip, TileRow128<T>>(strip, firstRow, endRow, end, lower);
        }
        else
        {
            RunStrips<T, TStrip, TileRow1<T>>(strip, firstRow, endRow, end, lower);
        }
    }

    private static void RunStrips<T, TStrip, TRow>(in TStrip strip, int firstRow, int endRow, int endColumn, bool lower)
        where T : unmanaged, INumberBase<T>
        where TStrip : ITileStrip<T>
        where TRow : struct, ITileRow<TRow, T>
    {
        for (var column = 0; column < endColumn; column += TRow.Count)
        {
            // A tile reaches the triangle where its last row does.
            var above = lower ? Math.Max(firstRow, column / Rows * Rows) : firstRow;
            strip.Run<TRow>(above, endRow, column);
        }
    }

    /// <summary>How many columns of a tile exist in a row of sums.</summary>
    public static int Reach<T, TRow>(int row, int column, int rows, int columns, bool lower)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T> => row < rows ? Math.Clamp((lower ? Math.Min(columns, row + 1) : columns) - column, 0, TRow.Count) : 0;

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
            var row = TRow.Load(right);
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
