using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>
/// What the weights of a layer are multiplied with, as a matrix: one row for each output position of each image, one column for each weight of an output channel, in the weight tensor's order. A layer is then one product of
/// matrices for each group. MatMul and Gemm are convolutions without kernel dimensions, and a Gemm that turns its input is one of a single tap.
/// </summary>
internal sealed class LayerInputs
{
    private readonly WeightLayout layout;
    private readonly KernelAxis[] axes;
    private readonly bool isConvolution;

    private LayerInputs(WeightLayout layout, KernelAxis[] axes, bool isConvolution)
    {
        (this.layout, this.axes, this.isConvolution) = (layout, axes, isConvolution);
        Weights = new WeightMatrix(layout);
    }

    /// <summary>The groups, each of which has rows and outputs of its own.</summary>
    public int Groups => layout.Groups;

    /// <summary>The length of a row: the weights of an output channel.</summary>
    public int Depth => Weights.Depth;

    /// <summary>The output channels of a group.</summary>
    public int Outputs => Weights.Outputs;

    /// <summary>The matrix that the rows are multiplied with.</summary>
    public WeightMatrix Weights { get; }

    /// <summary>What errors of the weight do, as the Hessians of the layer's groups tell it.</summary>
    public InputImportances Importances(IReadOnlyList<LayerHessian> hessians) => new(layout, [.. hessians.Select(hessian => hessian.Diagonal())]);

    /// <summary>The input matrix of a layer; null where <see cref="WhyNot"/> tells a reason.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="weight">Its weight.</param>
    public static LayerInputs? Of(NodeProto node, LayerWeight weight)
    {
        if (WhyNot(node, weight) is not null || WeightLayout.Of(node, weight) is not { } layout)
        {
            return null;
        }

        var isConvolution = node.OpType == "Conv";
        KernelAxis[] axes = isConvolution ? KernelAxis.Of(node, [.. weight.Tensor.Dims.Skip(2)]) : node.OpType == "Gemm" && node.Int64("transA", 0) != 0 ? [KernelAxis.Single] : [];
        return new(layout, axes, isConvolution);
    }

    /// <summary>Why a layer is no product of input rows and its weight; null where it is one.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="weight">Its weight.</param>
    public static string? WhyNot(NodeProto node, LayerWeight weight) =>
        !node.IsStandard() || node.OpType is not ("Conv" or "Gemm" or "MatMul") ? $"the operator {node.OpType} has no input rows"
        : weight.Input != 1 ? "its weight is on the left"
        : node.OpType == "Conv" ? weight.Tensor.Dims.Count < 3 || WeightLayout.Of(node, weight) is null ? "its groups do not fit its weight" : null
        : weight.Tensor.Dims.Count != 2 ? "its weight is a stack of matrices"
        : null;

    /// <summary>The rows of inputs of one shape.</summary>
    /// <param name="shape">The shape of the layer's first input: [images, channels, …] of a convolution, [.., depth] of a MatMul or Gemm, [depth, rows] where a Gemm turns it.</param>
    /// <exception cref="ArgumentException">The layer takes no input of this shape.</exception>
    public InputRows Rows(IReadOnlyList<long> shape)
    {
        long[] dims = isConvolution ? [.. shape] : axes.Length > 0 ? [1, .. shape] : [shape.SkipLast(1).Aggregate(1L, (product, dimension) => product * dimension), .. shape.TakeLast(1)];
        return dims.Length == axes.Length + 2 && dims[1] == layout.Inputs && !dims.Any(long.IsNegative)
            ? new InputRows(layout, axes, (int)dims[0], [.. dims.Skip(2).Select(dimension => (int)dimension)])
            : throw new ArgumentException($"An input of the shape [{string.Join(", ", shape)}] does not fit {layout.Inputs} input channels and {axes.Length} dimensions of a kernel.", nameof(shape));
    }
}
