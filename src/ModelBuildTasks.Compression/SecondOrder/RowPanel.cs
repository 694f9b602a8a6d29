namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Some rows of a layer's inputs, at equal distances.</summary>
/// <param name="First">The position of the first row.</param>
/// <param name="Step">The distance of neighbouring rows.</param>
/// <param name="Count">How many rows.</param>
internal readonly record struct RowPanel(int First, int Step, int Count)
{
    /// <summary>Rows of a panel at most: that of <see cref="Kernels.SymmetricRankUpdate"/>.</summary>
    public const int MostRows = 256;
}
