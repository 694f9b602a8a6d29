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
