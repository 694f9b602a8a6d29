namespace ModelBuildTasks.Compression.Kernels;

/// <summary>A rectangle of a row-major matrix, to read and write.</summary>
internal readonly ref struct MatrixPart<T>
    where T : unmanaged
{
    /// <inheritdoc cref="ReadOnlyMatrixPart{T}(ReadOnlySpan{T}, int, int, int)"/>
    public MatrixPart(Span<T> values, int rows, int columns, int stride)
    {
        _ = new ReadOnlyMatrixPart<T>(values, rows, columns, stride);
        Values = values;
        (Rows, Columns, Stride) = (rows, columns, stride);
    }

    /// <inheritdoc cref="ReadOnlyMatrixPart{T}(ReadOnlySpan{T}, int, int)"/>
    public MatrixPart(Span<T> values, int rows, int columns)
        : this(values, rows, columns, columns)
    {
    }

    public Span<T> Values { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride { get; }

    public static implicit operator ReadOnlyMatrixPart<T>(MatrixPart<T> part) => new(part.Values, part.Rows, part.Columns, part.Stride);

    /// <summary>The columns of a row from one on.</summary>
    public Span<T> Row(int row, int firstColumn = 0) => Values.Slice((row * Stride) + firstColumn, Columns - firstColumn);

    /// <summary>A rectangle of this one.</summary>
    public MatrixPart<T> Part(int firstRow, int rows, int firstColumn, int columns) =>
        rows == 0 || columns == 0 ? new([], rows, columns, Stride) : new(Values[((firstRow * Stride) + firstColumn)..], rows, columns, Stride);
}
