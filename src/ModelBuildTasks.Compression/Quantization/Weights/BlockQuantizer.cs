using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// Weights to levels of four bits with a scale for each block, in two steps: the grid is chosen, and then each weight gets a level of it. Weights are read and written in parts, so that none needs room as a whole;
/// its scales do.
/// </summary>
internal static class BlockQuantizer
{
    // Scales of 16 bits below the smallest normal one lose digits; the fifteenth part of a weight must not come near it.
    private const float LeastForHalf = 16 * 6.103515625e-5f;
    private const float MostForHalf = 6 * 65504f;

    /// <summary>Chooses the grid and rounds to the nearest levels.</summary>
    /// <param name="values">The weight; finite.</param>
    /// <param name="layout">Which weights make blocks.</param>
    /// <param name="options">How blocks are stored.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static BlockQuantizedWeight Quantize(SinglesReader values, BlockLayout layout, BlockOptions options, Func<long, PayloadWriter> newPayload) => Round(values, Grid(values, layout, options), newPayload);

    /// <summary>The scale and the zero point of each block, by the weights alone.</summary>
    /// <param name="values">The weight; finite.</param>
    /// <param name="layout">Which weights make blocks.</param>
    /// <param name="options">How blocks are stored.</param>
    public static BlockGrid Grid(SinglesReader values, BlockLayout layout, BlockOptions options)
    {
        var scalesAreHalf = Largest(values) is 0 or >= LeastForHalf and <= MostForHalf;
        var grid = new BlockGrid(layout, new float[layout.Blocks], scalesAreHalf, options.IsSymmetric ? null : new byte[layout.Blocks]);
        var (tile, search) = (new BlockTile(layout), new BlockScaleSearch(options.IsSymmetric, scalesAreHalf, layout.Size));
        foreach (var group in layout.Groups(BlockTile.Columns))
        {
            tile.Load(values, group);
            search.Choose(tile);
            for (var column = 0; column < group.Count; column++)
            {
                grid.Scales[group.Block(column)] = tile.Scales[column];
                if (grid.ZeroPoints is { } zeroPoints)
                {
                    zeroPoints[group.Block(column)] = (byte)-tile.Lowest[column];
                }
            }
        }

        return grid;
    }

    /// <summary>Rounds each weight to the nearest level, ties to even.</summary>
    /// <param name="values">The weight; finite.</param>
    /// <param name="grid">What its levels stand for.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static BlockQuantizedWeight Round(SinglesReader values, BlockGrid grid, Func<long, PayloadWriter> newPayload) => Store(values, grid, tile => tile.Round(), newPayload);

    /// <summary>Packs levels that were chosen elsewhere.</summary>
    /// <param name="values">The weight, which tells the error.</param>
    /// <param name="grid">What the levels stand for.</param>
    /// <param name="levels">One for each weight, in the order of the weights: 0 to 15.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    /// <exception cref="ArgumentException">There is not one level for each weight, or a level is above 15.</exception>
    public static BlockQuantizedWeight Pack(SinglesReader values, BlockGrid grid, ReadOnlyMemory<byte> levels, Func<long, PayloadWriter> newPayload) =>
        levels.Length == values.Count && !levels.Span.ContainsAnyExceptInRange((byte)0, (byte)(BlockColumns.Levels - 1))
            ? Store(values, grid, tile => tile.Load(levels), newPayload)
            : throw new ArgumentException($"{levels.Length} levels from 0 to {BlockColumns.Levels - 1} do not fit {values.Count} weights.", nameof(levels));

    private static BlockQuantizedWeight Store(SinglesReader values, BlockGrid grid, Action<BlockTile> setLevels, Func<long, PayloadWriter> newPayload)
    {
        var layout = grid.Layout;
        var tile = new BlockTile(layout);
        var payload = new BlockPayload(layout, newPayload((long)layout.Blocks * layout.Size / 2));
        var packed = new byte[layout.Size / 2 * BlockTile.Columns];
        var (signal, noise) = (0.0, 0.0);
        foreach (var group in layout.Groups(BlockTile.Columns))
        {
            tile.Load(values, group);
            tile.Load(grid);
            setLevels(tile);
            var energies = tile.Energies();
            (signal, noise) = (signal + energies.Signal, noise + energies.Noise);
            var bytes = packed.AsMemory(0, layout.Size / 2 * group.Count);
            tile.Pack(bytes.Span);
            payload.Append(group, bytes);
        }

        return new BlockQuantizedWeight(layout, payload.Finish(), grid.Scales, grid.ScalesAreHalf, grid.PackedZeroPoints(), signal, noise);
    }

    private static float Largest(SinglesReader values)
    {
        var largest = 0f;
        foreach (var (start, count) in values.Parts())
        {
            largest = Math.Max(largest, AbsoluteMaximum.Of(values.Read(start, count)));
        }

        return largest;
    }
}
