using ModelBuildTasks.Compression.Kernels.Products;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Sums of the products of columns, as Hessians of least squares have them.</summary>
internal static class SymmetricRankUpdate
{
    /// <summary>Rows that are summed in single precision before they are added in double precision.</summary>
    public const int PanelRows = 256;

    // Panels that are rearranged at once: sums are read and written once for all of them, and their columns still fit the second-level cache.
    private const int MaximumPanels = 4;
    private const int MaximumValues = 1 << 22;

    /// <summary>
    /// Adds XᵀX to the lower triangle. The products of <see cref="PanelRows"/> rows are added one after the other in single precision, and that sum is added in double precision: the bits do not depend on the
    /// instruction set, on the threads, or on how rows are split between calls at multiples of <see cref="PanelRows"/>.
    /// </summary>
    /// <param name="rows">X, [count, width], finite.</param>
    /// <param name="count">Any number of rows.</param>
    /// <param name="width">Columns of X.</param>
    /// <param name="sums">[width, width]; what is above the diagonal is neither read nor written.</param>
    /// <param name="threads">How many may take part.</param>
    /// <exception cref="ArgumentException">A length does not fit the dimensions.</exception>
    public static unsafe void Add(ReadOnlySpan<float> rows, int count, int width, Span<double> sums, int threads = 1)
    {
        if (count < 0 || width < 0 || rows.Length != (long)count * width || sums.Length != (long)width * width)
        {
            throw new ArgumentException($"{rows.Length} values and {sums.Length} sums do not fit {count} rows of {width} columns.", nameof(sums));
        }

        var panelLength = ColumnGroups.Length<float>(PanelRows, width);
        var panels = Math.Clamp(MaximumValues / Math.Max(1, panelLength), 1, Math.Clamp((count + PanelRows - 1) / PanelRows, 1, MaximumPanels));
        using var buffer = new AlignedBuffer<float>(panels * panelLength);
        var groups = buffer.First;
        fixed (float* firstValue = rows)
        fixed (double* firstSum = sums)
        {
            var values = firstValue;
            var sum = firstSum;
            for (; count > 0; count -= panels * PanelRows)
            {
                var height = Math.Min(panels * PanelRows, count);
                Fill(values, height, width, panelLength, groups, threads);
                RowBlocks.ForEach(width, threads, (first, end) =>
                    Tiles.Run<float, PanelStrip>(new(groups, PanelRows, panelLength, height, width, sum), first, end, width, lower: true));
                values += (nint)height * width;
            }
        }
    }

    private static unsafe void Fill(float* values, int height, int width, int panelLength, float* panels, int threads)
    {
        var groupCount = ColumnGroups.Count<float>(width);
        RowBlocks.ForEach((height + PanelRows - 1) / PanelRows * groupCount, threads, index =>
        {
            var (panel, group) = Math.DivRem(index, groupCount);
            var row = panel * PanelRows;
            ColumnGroups.Fill(values + ((nint)row * width), width, Math.Min(PanelRows, height - row), width, group, panels + ((nint)panel * panelLength));
        });
    }
}
