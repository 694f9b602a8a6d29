namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Rows become columns.</summary>
internal static class Transposition
{
    // Sixteen floats are a line of the cache: of each line that is written, all is written while it is there.
    private const int Tile = 16;

    /// <param name="values">A matrix of so many rows and columns.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="columns">How many columns it has.</param>
    /// <param name="turned">The matrix whose rows are those columns.</param>
    /// <exception cref="ArgumentException">A length does not fit the dimensions.</exception>
    public static void Of<T>(ReadOnlySpan<T> values, int rows, int columns, Span<T> turned)
        where T : unmanaged
    {
        if (values.Length != rows * columns || turned.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} and {turned.Length} values do not fit {rows} rows and {columns} columns.", nameof(turned));
        }

        for (var firstRow = 0; firstRow < rows; firstRow += Tile)
        {
            var endRow = Math.Min(rows, firstRow + Tile);
            for (var column = 0; column < columns; column++)
            {
                var target = turned.Slice(column * rows, rows);
                for (var row = firstRow; row < endRow; row++)
                {
                    target[row] = values[(row * columns) + column];
                }
            }
        }
    }
}
