namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>Blocks of rows of a product, which threads share.</summary>
internal static class RowBlocks
{
    // Few enough that their left columns stay in the second-level cache while the right ones pass by, and many enough that those pass seldom.
    public const int Rows = 4 * Tiles.Rows;

    /// <summary>Runs over the first and the end row of each block; the last, which are the longest of a lower triangle, first.</summary>
    public static void ForEach(int rows, int threads, Action<int, int> run)
    {
        var blocks = (rows + Rows - 1) / Rows;
        ForEach(blocks, threads, index =>
        {
            var first = (blocks - 1 - index) * Rows;
            run(first, Math.Min(rows, first + Rows));
        });
    }

    /// <summary>Runs over indices, which do not depend on one another.</summary>
    public static void ForEach(int count, int threads, Action<int> run)
    {
        if (threads > 1 && count > 1)
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, run);
            return;
        }

        for (var index = 0; index < count; index++)
        {
            run(index);
        }
    }
}
