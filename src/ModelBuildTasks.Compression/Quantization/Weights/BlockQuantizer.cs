using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Weights to levels of four bits with a scale for each block. They are read and written in parts, so that no weight needs room as a whole; its scales do.</summary>
internal static class BlockQuantizer
{
    // Scales of 16 bits below the smallest normal one lose digits; the fifteenth part of a weight must not come near it.
    private const float LeastForHalf = 16 * 6.103515625e-5f;
    private const float MostForHalf = 6 * 65504f;

    /// <param name="values">The weight; finite.</param>
    /// <param name="layout">Which weights make blocks.</param>
    /// <param name="options">How blocks are stored.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static BlockQuantizedWeight Quantize(SinglesReader values, BlockLayout layout, BlockOptions options, Func<long, PayloadWriter> newPayload)
    {
        var (largest, signal) = Measure(values);
        var scalesAreHalf = largest is 0 or >= LeastForHalf and <= MostForHalf;
        var tile = new BlockTile(options, scalesAreHalf);
        var writer = newPayload((long)layout.Blocks * layout.Size / 2);
        var scales = new float[layout.Blocks];
        var zeroPoints = options.IsSymmetric ? null : new byte[layout.Rows * ((layout.BlocksPerRow + 1) / 2)];
        var noise = layout.Inner == 1 ? QuantizeRows(values, layout, tile, writer, Store) : QuantizeColumns(values, layout, tile, writer, Store);
        return new BlockQuantizedWeight(layout, writer.Finish(), scales, scalesAreHalf, zeroPoints, signal, noise);

        void Store(int block, int column)
        {
            scales[block] = tile.Scale(column);
            if (zeroPoints is not null)
            {
                var place = block % layout.BlocksPerRow;
                zeroPoints[(block / layout.BlocksPerRow * ((layout.BlocksPerRow + 1) / 2)) + (place / 2)] |= (byte)(tile.ZeroPoint(column) << (4 * (place % 2)));
            }
        }
    }

    private static (float Largest, double Signal) Measure(SinglesReader values)
    {
        var (largest, signal) = (0f, 0.0);
        foreach (var (start, count) in values.Parts())
        {
            var part = values.Read(start, count);
            largest = Math.Max(largest, AbsoluteMaximum.Of(part));
            signal += ErrorEnergy.Accumulate(part, part).Signal;
        }

        return (largest, signal);
    }

    /// <summary>Rows that lie in one piece: blocks follow one another as they are stored.</summary>
    private static double QuantizeRows(SinglesReader values, BlockLayout layout, BlockTile tile, PayloadWriter writer, Action<int, int> store)
    {
        var padded = new float[layout.Size * BlockTile.Columns];
        var bytes = new byte[layout.Size / 2 * BlockTile.Columns];
        var noise = 0.0;
        for (var first = 0; first < layout.Blocks; first += BlockTile.Columns)
        {
            var columns = Math.Min(BlockTile.Columns, layout.Blocks - first);
            var (start, _) = Place(first);
            var (lastStart, lastLength) = Place(first + columns - 1);
            var part = values.Read(start, (int)(lastStart + lastLength - start));
            padded.AsSpan().Clear();
            for (var column = 0; column < columns; column++)
            {
                var (blockStart, length) = Place(first + column);
                part.Slice((int)(blockStart - start), length).CopyTo(padded.AsSpan(column * layout.Size));
            }

            Transposition.Of<float>(padded.AsSpan(0, columns * layout.Size), columns, layout.Size, tile.Values(columns));
            noise += tile.Quantize(columns, bytes.AsSpan(0, columns * layout.Size / 2));
            for (var column = 0; column < columns; column++)
            {
                store(first + column, column);
            }

            writer.Append(bytes.AsMemory(0, columns * layout.Size / 2));
        }

        return noise;

        (long Start, int Length) Place(int block)
        {
            var inRow = block % layout.BlocksPerRow * layout.Size;
            return (((long)(block / layout.BlocksPerRow) * layout.Depth) + inRow, Math.Min(layout.Size, layout.Depth - inRow));
        }
    }

    /// <summary>Rows whose elements lie apart: some of them are quantized side by side, over the whole depth, and written row after row.</summary>
    private static double QuantizeColumns(SinglesReader values, BlockLayout layout, BlockTile tile, PayloadWriter writer, Action<int, int> store)
    {
        var blockBytes = layout.Size / 2;
        var rows = new byte[(long)BlockTile.Columns * layout.BlocksPerRow * blockBytes];
        var bytes = new byte[blockBytes * BlockTile.Columns];
        var noise = 0.0;
        for (var outer = 0; outer < layout.Outer; outer++)
        {
            for (var first = 0; first < layout.Inner; first += BlockTile.Columns)
            {
                var columns = Math.Min(BlockTile.Columns, layout.Inner - first);
                for (var block = 0; block < layout.BlocksPerRow; block++)
                {
                    var weights = tile.Values(columns);
                    weights.Clear();
                    var depth = Math.Min(layout.Size, layout.Depth - (block * layout.Size));
                    for (var row = 0; row < depth; row++)
                    {
                        var start = ((((long)outer * layout.Depth) + (block * layout.Size) + row) * layout.Inner) + first;
                        values.Read(start, columns).CopyTo(weights[(row * columns)..]);
                    }

                    noise += tile.Quantize(columns, bytes.AsSpan(0, columns * blockBytes));
                    for (var column = 0; column < columns; column++)
                    {
                        bytes.AsSpan(column * blockBytes, blockBytes).CopyTo(rows.AsSpan(((column * layout.BlocksPerRow) + block) * blockBytes));
                        store((((outer * layout.Inner) + first + column) * layout.BlocksPerRow) + block, column);
                    }
                }

                writer.Append(rows.AsMemory(0, columns * layout.BlocksPerRow * blockBytes));
            }
        }

        return noise;
    }
}
