using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// A weight seen as [outer, depth, inner]. What a layer multiplies with its inputs and sums lies along the depth, which is cut into blocks, each with a scale of its own; outer times inner is the number of rows of
/// blocks. The last block of a row is filled up with zeros.
/// </summary>
/// <param name="Outer">The product of the dimensions before the depth.</param>
/// <param name="Depth">How many products a layer sums.</param>
/// <param name="Inner">The product of the dimensions behind it; 1 where a row lies in one piece.</param>
/// <param name="Size">The weights of a block.</param>
internal readonly record struct BlockLayout(int Outer, int Depth, int Inner, int Size)
{
    public int Rows => checked(Outer * Inner);

    public int BlocksPerRow => (Depth + Size - 1) / Size;

    public int Blocks => checked(Rows * BlocksPerRow);

    /// <summary>The depth with the zeros that fill the last block.</summary>
    public int PaddedDepth => checked(BlocksPerRow * Size);

    /// <summary>How many weights a block holds, without the zeros that fill it up.</summary>
    /// <param name="block">The index in [rows, blocks].</param>
    public int Length(int block) => Math.Min(Size, Depth - (block % BlocksPerRow * Size));

    /// <summary>Where the first weight of a block is; the others follow <see cref="Inner"/> apart.</summary>
    /// <param name="block">The index in [rows, blocks].</param>
    public long Start(int block)
    {
        var (row, place) = Math.DivRem(block, BlocksPerRow);
        return (((row / Inner * (long)Depth) + (place * Size)) * Inner) + (row % Inner);
    }

    /// <summary>All blocks, some at a time. Rows that lie in one piece give blocks that follow one another; of rows whose weights lie apart some are taken side by side, over the whole depth, then the next ones.</summary>
    /// <param name="most">How many blocks there may be at a time.</param>
    public IEnumerable<BlockGroup> Groups(int most)
    {
        if (Inner == 1)
        {
            for (var first = 0; first < Blocks; first += most)
            {
                yield return new BlockGroup(first, 1, Math.Min(most, Blocks - first));
            }

            yield break;
        }

        for (var outer = 0; outer < Outer; outer++)
        {
            for (var first = 0; first < Inner; first += most)
            {
                for (var place = 0; place < BlocksPerRow; place++)
                {
                    yield return new BlockGroup((((outer * Inner) + first) * BlocksPerRow) + place, BlocksPerRow, Math.Min(most, Inner - first));
                }
            }
        }
    }

    /// <summary>The layout of a layer's weight. A recurrent layer sums along its last dimension, a convolution over channels and kernel, a transposed convolution over its first; a table is cut along its entries.</summary>
    public static BlockLayout Of(NodeProto node, LayerWeight weight, int size)
    {
        var dims = weight.Tensor.Dims;
        int Product(int from, int to) => checked((int)dims.Skip(from).Take(to - from).Aggregate(1L, (product, dimension) => product * dimension));
        BlockLayout Along(int from, int to) => new(Product(0, from), Product(from, to), Product(to, dims.Count), size);
        var last = dims.Count - 1;
        return node.OpType switch
        {
            "Conv" => Along(1, dims.Count),
            "ConvTranspose" => Along(0, 1),
            "MatMul" or "Gemm" when weight.Axis.Axis == last => Along(last - 1, last),
            _ => Along(last, dims.Count),
        };
    }
}
