using System.Numerics;
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
internal readonly unsafe struct SumTile<T, TOperator>(T* left, T* right, int depth, T* sums, int stride, int rows, int columns, bool lower) : ITile<T>
    where T : unmanaged, INumberBase<T>
    where TOperator : IProductOperator
{
    public void Run<TRow>(int row, int column)
        where TRow : struct, ITileRow<TRow, T>
    {
        var (leftColumns, rightColumns) = ((nint)ColumnGroups.At(left, depth, row), (nint)ColumnGroups.At(right, depth, column));
        var first = sums + ((nint)row * stride) + column;
        if (row + Tiles.Rows <= rows && column + TRow.Count <= columns && (!lower || column + TRow.Count <= row + 1))
        {
            Tiles.Accumulate<T, TRow, TOperator>((T*)leftColumns, (T*)rightColumns, depth, first, stride);
            return;
        }

        var tile = stackalloc T[Tiles.Rows * TRow.Count];
        for (var i = 0; i < Tiles.Rows; i++)
        {
            var length = Tiles.Reach<T, TRow>(row + i, column, rows, columns, lower);
            new ReadOnlySpan<T>(first + ((nint)i * stride), length).CopyTo(new Span<T>(tile + (i * TRow.Count), length));
        }

        Tiles.Accumulate<T, TRow, TOperator>((T*)leftColumns, (T*)rightColumns, depth, tile, TRow.Count);
        for (var i = 0; i < Tiles.Rows; i++)
        {
            var length = Tiles.Reach<T, TRow>(row + i, column, rows, columns, lower);
            new ReadOnlySpan<T>(tile + (i * TRow.Count), length).CopyTo(new Span<T>(first + ((nint)i * stride), length));
        }
    }
}
