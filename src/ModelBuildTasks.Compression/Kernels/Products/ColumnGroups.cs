using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>
/// A matrix rearranged for <see cref="Tiles"/>, [group of columns, row, column of the group]: what a tile reads lies together, whatever the matrix' stride is. Columns that fill the last group are zero.
/// </summary>
internal static unsafe class ColumnGroups
{
    /// <summary>Columns of a group: a tile's rows, or a vector where that is more.</summary>
    public static int Width<T>()
        where T : unmanaged, INumberBase<T> => Vector512.IsHardwareAccelerated ? Math.Max(Tiles.Rows, Vector512<T>.Count) : Tiles.Rows;

    /// <summary>How many groups hold so many columns.</summary>
    public static int Count<T>(int columns)
        where T : unmanaged, INumberBase<T> => (columns + Width<T>() - 1) / Width<T>();

    /// <summary>How many values a rearranged matrix has.</summary>
    public static int Length<T>(int rows, int columns)
        where T : unmanaged, INumberBase<T> => checked(rows * Count<T>(columns) * Width<T>());

    /// <summary>Where a column, the first of a tile, begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* At<T>(T* groups, int rows, int column)
        where T : unmanaged, INumberBase<T> => groups + ((nuint)(column / Width<T>()) * (nuint)rows * (nuint)Width<T>()) + (column % Width<T>());

    /// <summary>Rearranges one group.</summary>
    /// <param name="values">The matrix' first value.</param>
    /// <param name="stride">How many values behind a row the next one begins.</param>
    /// <param name="rows">The matrix' rows.</param>
    /// <param name="columns">The matrix' columns.</param>
    /// <param name="group">Which group.</param>
    /// <param name="groups">All groups.</param>
    public static void Fill<T>(T* values, int stride, int rows, int columns, int group, T* groups)
        where T : unmanaged, INumberBase<T>
    {
        var first = group * Width<T>();
        var source = values + first;
        var target = groups + ((nuint)first * (nuint)rows);
        if (columns - first < Width<T>())
        {
            for (var row = 0; row < rows; row++)
            {
                var line = new Span<T>(target + (row * Width<T>()), Width<T>());
                new ReadOnlySpan<T>(source + ((nint)row * stride), columns - first).CopyTo(line);
                line[(columns - first)..].Clear();
            }
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            Copy<T, TileRow512<T>>(source, stride, rows, target);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Copy<T, TileRow256<T>>(source, stride, rows, target);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Copy<T, TileRow128<T>>(source, stride, rows, target);
        }
        else
        {
            Copy<T, TileRow1<T>>(source, stride, rows, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<T, TRow>(T* source, int stride, int rows, T* target)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T>
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < Width<T>(); column += TRow.Count)
            {
                TRow.Store(TRow.Load(source + column), target + column);
            }

            source += stride;
            target += Width<T>();
        }
    }
}
