using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// The order in which a runtime's integer kernel sums the products of one output: what tells which two weights it multiplies and adds together. They are the products (0, 1), (2, 3) and so on; the last one of
/// an odd number is alone.
/// </summary>
/// <remarks>
/// From the sources of ONNX Runtime: a matrix product sums along its inner dimension; QLinearConv, which turns images into rows of a matrix first (im2col with the channels last), over the positions of the kernel
/// and at each of them over the channels of the group; DynamicQuantizeLSTM along the inputs (W) and along the hidden values (R).
/// </remarks>
/// <param name="Depth">How many products are summed for an output.</param>
/// <param name="Positions">At how many positions of a kernel: the weight has them last, the order first. 1 where the weight has the order already.</param>
internal readonly record struct PairOrder(int Depth, int Positions)
{
    /// <summary>The order of a layer; null where no two weights are added in 16 bits.</summary>
    public static PairOrder? Of(NodeProto node, LayerWeight weight)
    {
        var dims = weight.Tensor.Dims;
        var order = node.OpType switch
        {
            "Conv" when IsDepthwise(node, weight.Tensor) => default,
            "Conv" => new PairOrder(weight.Axis.Inner, checked((int)(weight.Axis.Inner / dims[1]))),
            "Gemm" or "MatMul" when dims.Count == 2 => new PairOrder(checked((int)dims[1 - weight.Axis.Axis]), 1),
            // A matrix for each batch, and no pair across two of them.
            "MatMul" => new PairOrder(checked((int)dims[^2]), 1),
            "LSTM" => new PairOrder(checked((int)dims[2]), 1),
            _ => default,
        };
        return order.Depth > 1 ? order : null;
    }

    /// <summary>
    /// Whether QLinearConv takes its kernel for depthwise convolutions, which multiplies in 32 bits: one channel in and one out of each group. Several channels out of one are a matrix product like any other.
    /// </summary>
    private static bool IsDepthwise(NodeProto node, TensorProto weight) => weight.Dims[1] == 1 && weight.Dims[0] == node.Int64("group", 1);

    /// <summary>Where an element of a channel comes in the order.</summary>
    /// <param name="element">Its index among the elements of its channel, as the weight has them.</param>
    public int Place(int element) => Positions == 1 ? element : (element % Positions * (Depth / Positions)) + (element / Positions);
}
