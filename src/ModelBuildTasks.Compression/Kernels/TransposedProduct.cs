using System.Numerics;
using ModelBuildTasks.Compression.Kernels.Products;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Products leftᵀ · right. Each sum takes one product after the other, in the order of the rows of both, with one multiplication and one addition for each: the bits are those of the plain loop on every instruction set.
/// </summary>
internal static class TransposedProduct
{
    // A group of the left columns stays in the first-level cache, and a tile of the right ones in the second.
    private const int PanelRows = 256;

    /// <summary>sums[i, j] += left[k, i] · right[k, j], one k after the other.</summary>
    /// <param name="left">[depth, i]</param>
    /// <param name="right">[depth, j]</param>
    /// <param name="sums">[i, j]; shares no memory with the others.</param>
    /// <exception cref="ArgumentException">The dimensions do not fit.</exception>
    public static void Add<T>(ReadOnlyMatrixPart<T> left, ReadOnlyMatrixPart<T> right, MatrixPart<T> sums)
        where T : unmanaged, INumberBase<T> => Run<T, AddProduct>(left, right, sums);

    /// <summary>sums[i, j] −= left[k, i] · right[k, j], one k after the other.</summary>
    /// <inheritdoc cref="Add"/>
    public static void Subtract<T>(ReadOnlyMatrixPart<T> left, ReadOnlyMatrixPart<T> right, MatrixPart<T> sums)
        where T : unmanaged, INumberBase<T> => Run<T, SubtractProduct>(left, right, sums);

    /// <summary>sums[i, j] −= part[k, i] · part[k, j] for j ≤ i, one k after the other. What is above the diagonal is neither read nor written.</summary>
    /// <param name="part">[depth, i]</param>
    /// <param name="sums">[i, i]; shares no memory with the part.</param>
    /// <param name="threads">How many may take part; they change no bit.</param>
    /// <exception cref="ArgumentException">The dimensions do not fit.</exception>
    public static unsafe void SubtractLower<T>(ReadOnlyMatrixPart<T> part, MatrixPart<T> sums, int threads)
        where T : unmanaged, INumberBase<T>
    {
        Check(part, part, sums);
        var (width, sumsStride) = (part.Columns, sums.Stride);
        using var buffer = new AlignedBuffer<T>(ColumnGroups.Length<T>(Math.Min(PanelRows, part.Rows), width));
        var groups = buffer.First;
        fixed (T* firstSum = sums.Values)
        {
            var sum = firstSum;
            for (var row = 0; row < part.Rows; row += PanelRows)
            {
                var depth = Math.Min(PanelRows, part.Rows - row);
                Fill(part, row, depth, groups);
                RowBlocks.ForEach(width, threads, (first, end) =>
                    Tiles.Run<T, SumStrip<T, SubtractProduct>>(new(groups, groups, depth, sum, sumsStride, width, width, lower: true), first, end, width, lower: true));
            }
        }
    }

    private static unsafe void Run<T, TOperator>(ReadOnlyMatrixPart<T> left, ReadOnlyMatrixPart<T> right, MatrixPart<T> sums)
        where T : unmanaged, INumberBase<T>
        where TOperator : IProductOperator
    {
        Check(left, right, sums);
        var (rows, columns) = (left.Columns, right.Columns);
        var panelRows = Math.Min(PanelRows, left.Rows);
        using var leftBuffer = new AlignedBuffer<T>(ColumnGroups.Length<T>(panelRows, rows));
        using var rightBuffer = new AlignedBuffer<T>(ColumnGroups.Length<T>(panelRows, columns));
        fixed (T* sum = sums.Values)
        {
            for (var row = 0; row < left.Rows; row += PanelRows)
            {
                var depth = Math.Min(PanelRows, left.Rows - row);
                Fill(left, row, depth, leftBuffer.First);
                Fill(right, row, depth, rightBuffer.First);
                var strip = new SumStrip<T, TOperator>(leftBuffer.First, rightBuffer.First, depth, sum, sums.Stride, rows, columns, lower: false);
                for (var first = 0; first < rows; first += RowBlocks.Rows)
                {
                    Tiles.Run<T, SumStrip<T, TOperator>>(strip, first, Math.Min(rows, first + RowBlocks.Rows), columns, lower: false);
                }
            }
        }
    }

    private static unsafe void Fill<T>(ReadOnlyMatrixPart<T> part, int row, int depth, T* groups)
        where T : unmanaged, INumberBase<T>
    {
        fixed (T* values = part.Values)
        {
            for (var group = 0; group < ColumnGroups.Count<T>(part.Columns); group++)
            {
                ColumnGroups.Fill(values + ((nint)row * part.Stride), part.Stride, depth, part.Columns, group, groups);
            }
        }
    }

    private static void Check<T>(ReadOnlyMatrixPart<T> left, ReadOnlyMatrixPart<T> right, MatrixPart<T> sums)
        where T : unmanaged
    {
        if (left.Rows != right.Rows || sums.Rows != left.Columns || sums.Columns != right.Columns)
        {
            throw new ArgumentException($"[{left.Rows}, {left.Columns}] and [{right.Rows}, {right.Columns}] do not give [{sums.Rows}, {sums.Columns}].", nameof(sums));
        }
    }
}
