using ModelBuildTasks.Compression.Onnx;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>A linear operator with a constant weight of its own, and which channels each of its weights connects (docs/Operators.md of ONNX).</summary>
internal sealed class FoldableLayer
{
    private readonly Func<long, long> outputOf;
    private readonly Func<long, long> inputOf;

    private FoldableLayer(NodeProto node, TensorProto weight, long outputs, long inputs, Func<long, long> outputOf, Func<long, long> inputOf)
    {
        Node = node;
        Weight = weight;
        Outputs = outputs;
        Inputs = inputs;
        this.outputOf = outputOf;
        this.inputOf = inputOf;
    }

    public NodeProto Node { get; }

    public TensorProto Weight { get; }

    public long Outputs { get; }

    public long Inputs { get; }

    /// <summary>A matrix product has no bias.</summary>
    public bool HasBias => Node.OpType != "MatMul";

    public bool IsConvolution => Node.OpType is "Conv" or "ConvTranspose";

    /// <summary>Whether every output is the same sum over the channels: a shift in front becomes one of the output. Zeros at a border take no part in the shift, nor does every tap of a transposed convolution.</summary>
    public bool TakesShiftInFront => Node.OpType switch
    {
        "Gemm" => true,
        "Conv" => Node.Text("auto_pad", "NOTSET") is "VALID" or "NOTSET" && (Node.Text("auto_pad", "NOTSET") == "VALID" || Node.Attribute("pads")?.Ints.All(pad => pad == 0) != false),
        _ => false,
    };

    /// <summary>The channel of the output that the weight at a position contributes to.</summary>
    public long OutputOf(long position) => outputOf(position);

    /// <summary>The channel of the input that the weight at a position is multiplied with.</summary>
    public long InputOf(long position) => inputOf(position);

    /// <summary>The layer that a node is; null where it is none, or its weight is not constant, not float32, or read elsewhere too.</summary>
    public static FoldableLayer? Of(NodeProto node, OnnxGraph graph)
    {
        if (!node.IsStandard() || node.OpType is not ("Conv" or "ConvTranspose" or "Gemm" or "MatMul") || node.Input.Count < 2 || Own(node.Input[1], graph) is not { } weight)
        {
            return null;
        }

        var dims = weight.Dims;
        var groups = Math.Max(1, node.Int64("group", 1));
        if (node.OpType is "Conv" or "ConvTranspose")
        {
            if (dims.Count < 3 || dims[0] % groups != 0)
            {
                return null;
            }

            var (kernel, second, perGroup) = (dims.Skip(2).Aggregate(1L, (product, dimension) => product * dimension), dims[1], dims[0] / groups);
            long First(long position) => position / (kernel * second);
            long Second(long position) => (First(position) / perGroup * second) + (position / kernel % second);
            return node.OpType == "Conv" ? new(node, weight, dims[0], second * groups, First, Second) : new(node, weight, second * groups, dims[0], Second, First);
        }

        if (dims.Count < 2 || node.OpType == "Gemm" && dims.Count != 2)
        {
            return null;
        }

        var (rows, columns) = (dims[^2], dims[^1]);
        long Row(long position) => position / columns % rows;
        long Column(long position) => position % columns;
        return node.OpType == "Gemm" && node.Int64("transB", 0) != 0 ? new(node, weight, rows, columns, Row, Column) : new(node, weight, columns, rows, Column, Row);
    }

    /// <summary>Where the channels of the output are.</summary>
    public ChannelPlace OutputPlace(ValueShapes shapes) => IsConvolution
        ? new(Outputs, Weight.Dims.Count - 1, Weight.Dims.Count, true, true)
        : new(Outputs, 1, Node.OpType == "Gemm" ? 2 : Math.Max(shapes.Rank(Node.Output[0]) ?? 1, Weight.Dims.Count == 2 ? 1 : Weight.Dims.Count), Node.OpType == "Gemm", true);

    /// <summary>Where the channels of the value behind the first input are.</summary>
    /// <param name="value">That value.</param>
    /// <param name="shapes">What is known of it.</param>
    public ChannelPlace InputPlace(string value, ValueShapes shapes)
    {
        var rank = IsConvolution ? Weight.Dims.Count : Node.OpType == "Gemm" ? 2 : shapes.Rank(value);
        var fromEnd = IsConvolution ? Weight.Dims.Count - 1 : 1;
        // A constant of as many dimensions might be the reason for them.
        var leastRank = shapes.Rank(value) ?? Math.Max(1, (rank ?? 2) - 1);
        return new(Inputs, fromEnd, leastRank, IsConvolution || rank == 2, shapes.Dimension(value, fromEnd) == Inputs);
    }

    private static TensorProto? Own(string name, OnnxGraph graph) =>
        graph.OnlyReader(name) is not null && graph.Owner(name) == graph && graph.Constant(name) is { } tensor && tensor.ElementType() == DataType.Float && tensor.ElementCount() > 0 ? tensor : null;
}
