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

        Of(new ReadOnlyMatrixPart<T>(values, rows, columns), new MatrixPart<T>(turned, columns, rows));
    }

    /// <param name="part">A part of a matrix.</param>
    /// <param name="turned">The part whose rows are those columns.</param>
    /// <exception cref="ArgumentException">The dimensions do not fit.</exception>
    public static void Of<T>(ReadOnlyMatrixPart<T> part, MatrixPart<T> turned)
        where T : unmanaged
    {
        if (turned.Rows != part.Columns || turned.Columns != part.Rows)
        {
            throw new ArgumentException($"[{turned.Rows}, {turned.Columns}] is not [{part.Rows}, {part.Columns}] turned.", nameof(turned));
        }

        for (var firstRow = 0; firstRow < part.Rows; firstRow += Tile)
        {
            var endRow = Math.Min(part.Rows, firstRow + Tile);
            for (var column = 0; column < part.Columns; column++)
            {
                var target = turned.Row(column);
                for (var row = firstRow; row < endRow; row++)
                {
                    target[row] = part.Values[(row * part.Stride) + column];
                }
            }
        }
    }
}
