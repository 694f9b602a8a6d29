using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Which layers compute on bytes with scales that are told on each run, and gain by it.</summary>
/// <param name="graph">The graph of the layers.</param>
/// <param name="shapes">What is known of its shapes.</param>
internal sealed class DynamicRules(OnnxGraph graph, ValueShapes shapes)
{
    // Measured on 1.31.1 (x64 with VNNI, one thread): with one row 1.02 to 3 times as fast as float from 192 × 342 on, 0.7 to 0.94 below; with 16 rows and more from 8192 weights on.
    private const int LeastDepth = 192;
    private const int LeastWeights = 65536;
    private const int ManyRows = 16;
    private const int LeastWeightsOfManyRows = 8192;

    // Measured likewise, over 1 and 50 steps and batches of 1 and 8: 0.8 to 1.0 with 16 and 32 hidden values, 0.95 to 3 with 64, 1.3 to 8 above.
    private const int LeastHiddenSize = 64;

    private const string Quantizing = "quantizing its input on each run ";

    /// <summary>Why a layer computes in float; null where it does not.</summary>
    public string? WhyNot(NodeProto node) => node.OpType switch
    {
        "Conv" or "ConvTranspose" => $"{Quantizing}makes convolutions slower",
        "GRU" or "RNN" => $"ONNX Runtime has no {node.OpType} on bytes",
        "Gather" => "it looks up and computes nothing",
        "MatMul" or "Gemm" => WhyNotProduct(node),
        "LSTM" => WhyNotLstm(node),
        _ => "the operator has no integer form",
    };

    private string? WhyNotProduct(NodeProto node)
    {
        if (graph.Constant(node.InputOrEmpty(0)) is not null)
        {
            return node.OpType == "MatMul" ? "its weight is the left matrix" : "its input is constant";
        }

        if (WhyNotConstant(node, 1) is { } reason)
        {
            return reason;
        }

        var weight = Layers.Weights(node, graph)[0];
        var (depth, columns) = (weight.Tensor.ElementCount() / weight.Axis.Channels, weight.Axis.Channels);
        return weight.Tensor.Dims.Count != 2 ? "its weight is no matrix"
            : node.OpType == "Gemm" && WhyNotGemm(node, columns) is { } gemm ? gemm
            : Rows(node.Input[0]) >= ManyRows && depth * columns >= LeastWeightsOfManyRows || depth >= LeastDepth && depth * columns >= LeastWeights ? null
            : $"{Quantizing}makes a product of {depth} × {columns} slower";
    }

    private string? WhyNotGemm(NodeProto node, int columns)
    {
        var alpha = node.Single("alpha", 1);
        return node.Int64("transA", 0) != 0 ? "it turns its input"
            : !float.IsFinite(alpha) || alpha == 0 ? "its alpha is zero or not finite"
            : node.InputOrEmpty(2) is { Length: > 0 } bias && node.Single("beta", 1) != 1 && !IsRow(bias, columns) ? $"its bias '{bias}' is not a constant row of floats"
            : null;
    }

    private string? WhyNotLstm(NodeProto node) =>
        WhyNotConstant(node, 1) ?? WhyNotConstant(node, 2)
        ?? (node.Int64("layout", 0) != 0 ? "ONNX Runtime has no LSTM on bytes with the batch first"
            : Layers.Weights(node, graph) is not [_, { Tensor.Dims: [_, _, var hidden] }] ? "its weights have another shape than [directions, gates, values]"
            : hidden < LeastHiddenSize ? $"{Quantizing}makes an LSTM of {hidden} hidden values slower" : null);

    private string? WhyNotConstant(NodeProto node, int input)
    {
        var name = node.InputOrEmpty(input);
        return Layers.Source(name, graph) is not { } source ? Layers.WhyNotConstant(name, graph)
            : source.Tensor.ElementType() != DataType.Float ? $"its weight '{name}' is {source.Tensor.ElementType()}"
            : graph.Owner(source.Name) != graph ? $"its weight '{name}' is defined outside the subgraph"
            : Layers.Weights(node, graph).All(weight => weight.Input != input) ? "its weight has too few dimensions or too many elements"
            : null;
    }

    /// <summary>Whether a value is a constant row of floats, one for each column.</summary>
    private bool IsRow(string name, long columns) => graph.Constant(name) is { Dims: [var length] } row && row.ElementType() == DataType.Float && length == columns;

    /// <summary>The rows that are multiplied at a time; 0 where they are not known.</summary>
    private long Rows(string input) => shapes.Shape(input) is { } shape && !shape.Contains(-1) ? shape.SkipLast(1).Aggregate(1L, (product, dimension) => product * dimension) : 0;
}
