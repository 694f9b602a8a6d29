using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Products;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Tiles of the lower triangle of XᵀX: floats inside a panel of rows, added in double precision, panel by panel. Touches no sum above the diagonal.</summary>
/// <param name="panels">Panels of X in <see cref="ColumnGroups"/>, one behind the other.</param>
/// <param name="panelRows">Rows of a panel.</param>
/// <param name="panelLength">Values of a panel.</param>
/// <param name="count">Rows of all panels; the last one may have fewer than the others.</param>
/// <param name="width">Columns of X.</param>
/// <param name="sums">The first sum.</param>
internal readonly unsafe struct PanelStrip(float* panels, int panelRows, int panelLength, int count, int width, double* sums) : ITileStrip<float>
{
    [SkipLocalsInit]
    public void Run<TRow>(int firstRow, int endRow, int column)
        where TRow : struct, ITileRow<TRow, float>
    {
        var tileLength = Tiles.Rows * TRow.Count;
        var tile = stackalloc float[tileLength];
        var strip = stackalloc double[RowBlocks.Rows * TRow.Count];
        new Span<double>(strip, RowBlocks.Rows * TRow.Count).Clear();
        for (var row = firstRow; row < endRow; row++)
        {
            Sums<TRow>(row, column).CopyTo(Strip<TRow>(strip, row - firstRow));
        }

        // The right columns of a panel stay in the first-level cache while the rows pass by.
        var panel = panels;
        for (var rest = count; rest > 0; rest -= panelRows)
        {
            var depth = Math.Min(panelRows, rest);
            var right = ColumnGroups.At(panel, depth, column);
            for (var row = firstRow; row < endRow; row += Tiles.Rows)
            {
                new Span<float>(tile, tileLength).Clear();
                Tiles.Accumulate<float, TRow, AddProduct>(ColumnGroups.At(panel, depth, row), right, depth, tile, TRow.Count);
                ChannelSums.AddRow(new ReadOnlySpan<float>(tile, tileLength), new Span<double>(strip + ((row - firstRow) * TRow.Count), tileLength));
            }

            panel += panelLength;
        }

        for (var row = firstRow; row < endRow; row++)
        {
            var target = Sums<TRow>(row, column);
            Strip<TRow>(strip, row - firstRow)[..target.Length].CopyTo(target);
        }
    }

    private Span<double> Sums<TRow>(int row, int column)
        where TRow : struct, ITileRow<TRow, float> => new(sums + ((nint)row * width) + column, Tiles.Reach<float, TRow>(row, column, width, width, lower: true));

    private static Span<double> Strip<TRow>(double* strip, int row)
        where TRow : struct, ITileRow<TRow, float> => new(strip + (row * TRow.Count), TRow.Count);
}
