namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Blocks of weights as the columns of a matrix: the first row holds the first element of each block, and so on.</summary>
internal static class BlockColumns
{
    /// <summary>How many levels four bits tell apart.</summary>
    public const int Levels = 16;

    /// <exception cref="ArgumentException">A length does not fit the columns.</exception>
    public static void Check(int values, int columns, int lowest, int results)
    {
        if (lowest != columns || results != columns || (columns == 0 ? values != 0 : values % columns != 0))
        {
            throw new ArgumentException($"{values} values, {lowest} levels and {results} results do not fit {columns} columns.", nameof(columns));
        }
    }

    /// <exception cref="ArgumentException">There is not one for each value.</exception>
    public static void CheckEach(int values, int others)
    {
        if (others != values)
        {
            throw new ArgumentException($"{others} levels or importances do not fit {values} values.", nameof(others));
        }
    }
}
