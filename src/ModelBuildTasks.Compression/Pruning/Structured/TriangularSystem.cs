using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Solves systems of a lower triangular matrix, in place and in blocks.</summary>
internal static class TriangularSystem
{
    private const int Block = 64;

    /// <summary>Replaces B by L⁻¹·B.</summary>
    /// <param name="lower">L, [size × size]; what is above the diagonal is not read.</param>
    /// <param name="right">B, [size × columns].</param>
    /// <param name="size">Rows and columns of L.</param>
    public static void Forward(ReadOnlySpan<double> lower, Span<double> right, int size)
    {
        var columns = size == 0 ? 0 : right.Length / size;
        var values = new MatrixPart<double>(right, size, columns);
        var matrix = new ReadOnlyMatrixPart<double>(lower, size, size);
        var buffer = new double[Block * size];
        for (var first = 0; first < size; first += Block)
        {
            var count = Math.Min(Block, size - first);
            var below = size - first;
            // Columns of L as rows, which the product takes.
            var turned = new MatrixPart<double>(buffer, count, below);
            Transposition.Of(new ReadOnlyMatrixPart<double>(lower[((first * size) + first)..], below, count, size), turned);
            for (var row = 0; row < count; row++)
            {
                var line = values.Part(first + row, 1, 0, columns);
                TransposedProduct.Subtract<double>(turned.Part(0, row, row, 1), values.Part(first, row, 0, columns), line);
                Scale(line.Row(0), 1 / lower[((first + row) * size) + first + row]);
            }

            TransposedProduct.Subtract<double>(turned.Part(0, count, count, below - count), values.Part(first, count, 0, columns), values.Part(first + count, below - count, 0, columns));
        }
    }

    /// <summary>Replaces B by L⁻ᵀ·B.</summary>
    /// <inheritdoc cref="Forward"/>
    public static void Backward(ReadOnlySpan<double> lower, Span<double> right, int size)
    {
        var columns = size == 0 ? 0 : right.Length / size;
        var values = new MatrixPart<double>(right, size, columns);
        for (var end = size; end > 0; end -= Math.Min(Block, end))
        {
            var first = end - Math.Min(Block, end);
            for (var row = end - 1; row >= first; row--)
            {
                var line = values.Part(row, 1, 0, columns);
                Subtract(lower, row + 1, end - row - 1, row, 1, values, line, size);
                Scale(line.Row(0), 1 / lower[(row * size) + row]);
            }

            Subtract(lower, first, end - first, 0, first, values, values.Part(0, first, 0, columns), size);
        }
    }

    private static void Subtract(ReadOnlySpan<double> lower, int firstRow, int rows, int firstColumn, int count, MatrixPart<double> values, MatrixPart<double> sums, int size)
    {
        if (rows > 0 && count > 0)
        {
            TransposedProduct.Subtract(new ReadOnlyMatrixPart<double>(lower[((firstRow * size) + firstColumn)..], rows, count, size), values.Part(firstRow, rows, 0, values.Columns), sums);
        }
    }

    private static void Scale(Span<double> values, double factor) => System.Numerics.Tensors.TensorPrimitives.Multiply(values, factor, values);
}
