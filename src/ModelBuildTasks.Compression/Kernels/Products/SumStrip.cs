using System.Numerics;
using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>Tiles whose sums are of the type of what is multiplied. Touches no sum outside the matrix, and with <paramref name="lower"/> none above the diagonal.</summary>
/// <param name="left">The left matrix in <see cref="ColumnGroups"/>.</param>
/// <param name="right">The right matrix likewise.</param>
/// <param name="depth">The rows of both.</param>
/// <param name="sums">The first sum.</param>
/// <param name="stride">How many values behind a row of sums the next one begins.</param>
/// <param name="rows">Rows of sums.</param>
/// <param name="columns">Columns of sums.</param>
/// <param name="lower">Whether only the lower triangle counts.</param>
internal readonly unsafe struct SumStrip<T, TOperator>(T* left, T* right, int depth, T* sums, int stride, int rows, int columns, bool lower) : ITileStrip<T>
    where T : unmanaged, INumberBase<T>
    where TOperator : IProductOperator
{
    [SkipLocalsInit]
    public void Run<TRow>(int firstRow, int endRow, int column)
        where TRow : struct, ITileRow<TRow, T>
    {
        var tile = stackalloc T[Tiles.Rows * TRow.Count];
        var rightColumns = ColumnGroups.At(right, depth, column);
        for (var row = firstRow; row < endRow; row += Tiles.Rows)
        {
            var leftColumns = ColumnGroups.At(left, depth, row);
            if (row + Tiles.Rows <= rows && Reach<TRow>(row, column) == TRow.Count)
            {
                Tiles.Accumulate<T, TRow, TOperator>(leftColumns, rightColumns, depth, Sum(row, column), stride);
                continue;
            }

            new Span<T>(tile, Tiles.Rows * TRow.Count).Clear();
            for (var i = 0; i < Tiles.Rows; i++)
            {
                var length = Reach<TRow>(row + i, column);
                new ReadOnlySpan<T>(Sum(row + i, column), length).CopyTo(new Span<T>(tile + (i * TRow.Count), length));
            }

            Tiles.Accumulate<T, TRow, TOperator>(leftColumns, rightColumns, depth, tile, TRow.Count);
            for (var i = 0; i < Tiles.Rows; i++)
            {
                var length = Reach<TRow>(row + i, column);
                new ReadOnlySpan<T>(tile + (i * TRow.Count), length).CopyTo(new Span<T>(Sum(row + i, column), length));
            }
        }
    }

    private T* Sum(int row, int column) => sums + ((nint)row * stride) + column;

    private int Reach<TRow>(int row, int column)
        where TRow : struct, ITileRow<TRow, T> => Tiles.Reach<T, TRow>(row, column, rows, columns, lower);
}
