using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Writes packed blocks in the order of [rows, blocks] as their groups come (<see cref="BlockLayout.Groups"/>): of rows side by side it keeps the blocks until the rows are whole.</summary>
/// <param name="layout">Which weights make blocks.</param>
/// <param name="writer">Takes the bytes of all blocks.</param>
internal sealed class BlockPayload(BlockLayout layout, PayloadWriter writer)
{
    private readonly int blockBytes = layout.Size / 2;
    private readonly byte[] rows = layout.Inner == 1 ? [] : new byte[(long)BlockTile.Columns * layout.BlocksPerRow * layout.Size / 2];

    /// <summary>Takes the bytes of a group of blocks, block after block.</summary>
    public void Append(BlockGroup group, ReadOnlyMemory<byte> bytes)
    {
        if (layout.Inner == 1)
        {
            writer.Append(bytes);
            return;
        }

        var place = group.First % layout.BlocksPerRow;
        for (var column = 0; column < group.Count; column++)
        {
            bytes.Span.Slice(column * blockBytes, blockBytes).CopyTo(rows.AsSpan(((column * layout.BlocksPerRow) + place) * blockBytes));
        }

        if (place == layout.BlocksPerRow - 1)
        {
            writer.Append(rows.AsMemory(0, group.Count * layout.BlocksPerRow * blockBytes));
        }
    }

    /// <summary>All bytes, for raw_data.</summary>
    public ByteString Finish() => writer.Finish();
}
