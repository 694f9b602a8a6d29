namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Some blocks of a weight, which are worked on side by side.</summary>
/// <param name="First">The index of the first one in [rows, blocks].</param>
/// <param name="Step">How far apart their indexes are: 1, or a row of blocks.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct BlockGroup(int First, int Step, int Count)
{
    /// <summary>The index of a block in [rows, blocks].</summary>
    /// <param name="column">Which one of the group, from 0.</param>
    public int Block(int column) => First + (column * Step);
}
