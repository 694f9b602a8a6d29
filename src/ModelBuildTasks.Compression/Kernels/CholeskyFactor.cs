using System.Buffers;
using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels.Products;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The lower triangular L of a symmetric positive definite H = L·Lᵀ, in double precision.</summary>
internal static class CholeskyFactor
{
    // Columns that are factored together: wide enough that the matrix passes by seldom, narrow enough that little of the work happens inside.
    private const int BlockColumns = 128;
    private const int InnerColumns = 16;

    /// <summary>Replaces H by L. The bits depend neither on the instruction set nor on the threads.</summary>
    /// <param name="matrix">H, [size, size], whose lower triangle counts; L afterwards, with zeros above the diagonal.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="threads">How many may take part.</param>
    /// <returns>False where a pivot is not positive and finite: then H is not positive definite, and nothing in the matrix means anything.</returns>
    /// <exception cref="ArgumentException">The length does not fit the size.</exception>
    public static bool InPlace(Span<double> matrix, int size, int threads = 1)
    {
        if (size < 0 || matrix.Length != (long)size * size)
        {
            throw new ArgumentException($"{matrix.Length} values are no matrix of {size} rows and columns.", nameof(matrix));
        }

        var rented = ArrayPool<double>.Shared.Rent(Math.Min(BlockColumns, size) * size);
        try
        {
            var whole = new MatrixPart<double>(matrix, size, size);
            for (var first = 0; first < size; first += BlockColumns)
            {
                var (columns, rows) = (Math.Min(BlockColumns, size - first), size - first);
                var block = whole.Part(first, rows, first, columns);
                // Rows of the turned block are columns of H, so that vectors run along them.
                var turned = new MatrixPart<double>(rented, columns, rows);
                Transposition.Of(block, turned);
                if (!Factor(turned))
                {
                    return false;
                }

                Transposition.Of(turned, block);
                TransposedProduct.SubtractLower(turned.Part(0, columns, columns, rows - columns), whole.Part(first + columns, rows - columns, first + columns, rows - columns), threads);
            }

            for (var row = 0; row < size; row++)
            {
                matrix.Slice((row * size) + row + 1, size - row - 1).Clear();
            }

            return true;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <param name="turned">[column, row]; what is left of the diagonal holds anything.</param>
    private static bool Factor(MatrixPart<double> turned)
    {
        var (columns, rows) = (turned.Rows, turned.Columns);
        for (var first = 0; first < columns; first += InnerColumns)
        {
            var end = Math.Min(columns, first + InnerColumns);
            for (var column = first; column < end; column++)
            {
                var done = column - first;
                TransposedProduct.Subtract(turned.Part(first, done, column, 1), turned.Part(first, done, column, rows - column), turned.Part(column, 1, column, rows - column));
                var line = turned.Row(column, column);
                var pivot = line[0];
                if (!(pivot > 0 && double.IsFinite(pivot)))
                {
                    return false;
                }

                TensorPrimitives.Divide(line, Math.Sqrt(pivot), line);
            }

            TransposedProduct.Subtract(
                turned.Part(first, end - first, end, columns - end), turned.Part(first, end - first, end, rows - end), turned.Part(end, columns - end, end, rows - end));
        }

        return true;
    }
}
