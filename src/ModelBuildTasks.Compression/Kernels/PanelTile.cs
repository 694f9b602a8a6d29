using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Products;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Tiles of the lower triangle of XᵀX: floats inside a panel of rows, added in double precision, panel by panel.</summary>
/// <param name="panels">Panels of X in <see cref="ColumnGroups"/>, one behind the other.</param>
/// <param name="panelRows">Rows of a panel.</param>
/// <param name="panelLength">Values of a panel.</param>
/// <param name="count">Rows of all panels; the last one may have fewer than the others.</param>
/// <param name="width">Columns of X.</param>
/// <param name="sums">The first sum.</param>
internal readonly unsafe struct PanelTile(float* panels, int panelRows, int panelLength, int count, int width, double* sums) : ITile<float>
{
    [SkipLocalsInit]
    public void Run<TRow>(int row, int column)
        where TRow : struct, ITileRow<TRow, float>
    {
        var tile = stackalloc float[Tiles.Rows * TRow.Count];
        var panel = panels;
        for (var rest = count; rest > 0; rest -= panelRows)
        {
            var depth = Math.Min(panelRows, rest);
            new Span<float>(tile, Tiles.Rows * TRow.Count).Clear();
            Tiles.Accumulate<float, TRow, AddProduct>(ColumnGroups.At(panel, depth, row), ColumnGroups.At(panel, depth, column), depth, tile, TRow.Count);
            for (var i = 0; i < Tiles.Rows; i++)
            {
                var length = Tiles.Reach<float, TRow>(row + i, column, width, width, lower: true);
                ChannelSums.AddRow(new ReadOnlySpan<float>(tile + (i * TRow.Count), length), new Span<double>(sums + ((nint)(row + i) * width) + column, length));
            }

            panel += panelLength;
        }
    }
}
