using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// Some blocks of a weight as the columns of a matrix, which holds the first element of each block, then the second, and so on: their weights, their levels and what the levels stand for. One tile serves one
/// group of blocks after the other.
/// </summary>
/// <param name="layout">Which weights make blocks.</param>
internal sealed class BlockTile(BlockLayout layout)
{
    /// <summary>The most blocks at a time: 32 values of each fit the nearest cache.</summary>
    public const int Columns = 256;

    private readonly float[] values = new float[layout.Size * Columns];
    private readonly float[] restored = new float[layout.Size * Columns];
    private readonly byte[] levels = new byte[layout.Size * Columns];
    private readonly byte[] bytes = new byte[layout.Size * Columns];
    private readonly float[] scales = new float[Columns];
    private readonly float[] lowest = new float[Columns];
    private BlockGroup group;

    private delegate ReadOnlySpan<T> PartOf<T>(long start, int count);

    /// <summary>The weights of the group.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan(0, layout.Size * group.Count);

    /// <summary>The scale of each block, not zero.</summary>
    public Span<float> Scales => scales.AsSpan(0, group.Count);

    /// <summary>The least level of each block, less its zero point: −15 to 0.</summary>
    public Span<float> Lowest => lowest.AsSpan(0, group.Count);

    private Span<byte> Levels => levels.AsSpan(0, layout.Size * group.Count);

    /// <summary>Takes the weights of a group; zeros fill up its blocks.</summary>
    public void Load(SinglesReader weight, BlockGroup blocks)
    {
        group = blocks;
        Gather(weight.Read, restored, values);
    }

    /// <summary>Takes the scales and zero points of the group.</summary>
    public void Load(BlockGrid grid)
    {
        for (var column = 0; column < group.Count; column++)
        {
            (scales[column], lowest[column]) = (grid.Scales[group.Block(column)], -grid.ZeroPoint(group.Block(column)));
        }
    }

    /// <summary>Takes the levels of the group; zero points fill up its blocks.</summary>
    /// <param name="ofWeight">The levels of the whole weight, in its order.</param>
    public void Load(ReadOnlyMemory<byte> ofWeight)
    {
        Gather((start, count) => ofWeight.Span.Slice((int)start, count), bytes, levels);
        for (var column = 0; column < group.Count; column++)
        {
            for (var row = layout.Length(group.Block(column)); row < layout.Size; row++)
            {
                levels[(row * group.Count) + column] = (byte)-lowest[column];
            }
        }
    }

    /// <summary>Rounds to the nearest levels.</summary>
    public void Round() => BlockLevels.Of(Values, Scales, Lowest, Levels);

    /// <summary>Σ w² and Σ (w − (level − zero point) · scale)².</summary>
    public (double Signal, double Noise) Energies()
    {
        for (var start = 0; start < Levels.Length; start += group.Count)
        {
            var row = restored.AsSpan(start, group.Count);
            TensorPrimitives.ConvertTruncating<byte, float>(Levels.Slice(start, group.Count), row);
            TensorPrimitives.Add(row, Lowest, row);
            TensorPrimitives.Multiply(row, Scales, row);
        }

        return ErrorEnergy.Accumulate(Values, restored.AsSpan(0, Levels.Length));
    }

    /// <summary>The levels, two to a byte, block after block.</summary>
    /// <param name="packed">size / 2 bytes for each block.</param>
    public void Pack(Span<byte> packed)
    {
        var (count, pairs) = (group.Count, layout.Size / 2);
        for (var pair = 0; pair < pairs; pair++)
        {
            PackNibbles.Of(Levels.Slice(2 * pair * count, count), Levels.Slice(((2 * pair) + 1) * count, count), bytes.AsSpan(pair * count, count));
        }

        Transposition.Of<byte>(bytes.AsSpan(0, pairs * count), pairs, count, packed);
    }

    private void Gather<T>(PartOf<T> read, T[] padded, T[] tile)
        where T : unmanaged
    {
        var length = layout.Size * group.Count;
        tile.AsSpan(0, length).Clear();
        if (layout.Inner > 1)
        {
            for (var row = 0; row < layout.Length(group.First); row++)
            {
                read(layout.Start(group.First) + ((long)row * layout.Inner), group.Count).CopyTo(tile.AsSpan(row * group.Count));
            }

            return;
        }

        var (start, last) = (layout.Start(group.First), group.Block(group.Count - 1));
        var part = read(start, (int)(layout.Start(last) + layout.Length(last) - start));
        padded.AsSpan(0, length).Clear();
        for (var column = 0; column < group.Count; column++)
        {
            var block = group.Block(column);
            part.Slice((int)(layout.Start(block) - start), layout.Length(block)).CopyTo(padded.AsSpan(column * layout.Size));
        }

        Transposition.Of<T>(padded.AsSpan(0, length), group.Count, layout.Size, tile.AsSpan(0, length));
    }
}
