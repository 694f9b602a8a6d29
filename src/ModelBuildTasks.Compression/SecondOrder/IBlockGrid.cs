namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>A grid that chooses for several inputs together which values their weights may have.</summary>
internal interface IBlockGrid : IRoundingGrid
{
    /// <summary>Is told what is wanted of some inputs before each of them is rounded.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="targets">[inputs × outputs]: what is wanted as long as none of these has an error.</param>
    /// <param name="scales">By the squares of these, one for each input, the square of a weight's error counts.</param>
    void Begin(ReadOnlySpan<int> inputs, ReadOnlySpan<double> targets, ReadOnlySpan<double> scales);
}
