namespace ModelBuildTasks.Compression.Kernels;

/// <summary>A rectangle of a row-major matrix, to read.</summary>
internal readonly ref struct ReadOnlyMatrixPart<T>
    where T : unmanaged
{
    /// <param name="values">The values from the rectangle's first one on; more may follow behind the last.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="columns">How many columns it has.</param>
    /// <param name="stride">How many values behind a row the next one begins; at least the columns.</param>
    /// <exception cref="ArgumentException">The values do not hold such a rectangle.</exception>
    public ReadOnlyMatrixPart(ReadOnlySpan<T> values, int rows, int columns, int stride)
    {
        if (rows < 0 || columns < 0 || stride < columns || (rows > 0 && columns > 0 && values.Length < ((rows - 1L) * stride) + columns))
        {
            throw new ArgumentException($"{values.Length} values do not hold {rows} rows of {columns} columns, {stride} apart.", nameof(values));
        }

        Values = values;
        (Rows, Columns, Stride) = (rows, columns, stride);
    }

    /// <summary>A whole matrix.</summary>
    /// <exception cref="ArgumentException">There are fewer values.</exception>
    public ReadOnlyMatrixPart(ReadOnlySpan<T> values, int rows, int columns)
        : this(values, rows, columns, columns)
    {
    }

    public ReadOnlySpan<T> Values { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride { get; }

    /// <summary>A rectangle of this one.</summary>
    public ReadOnlyMatrixPart<T> Part(int firstRow, int rows, int firstColumn, int columns) =>
        rows == 0 || columns == 0 ? new([], rows, columns, Stride) : new(Values[((firstRow * Stride) + firstColumn)..], rows, columns, Stride);
}
