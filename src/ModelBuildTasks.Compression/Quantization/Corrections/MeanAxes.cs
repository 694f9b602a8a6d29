using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>The inputs of layers of which <see cref="BiasCorrection"/> wants the mean of each channel, and where the channels lie.</summary>
internal static class MeanAxes
{
    /// <summary>The dimension of a convolution's input channels.</summary>
    private const int OfConvolution = 1;

    private const int Last = -1;

    /// <summary>The axis by the name of the value: a value that a convolution reads has the channels of that, whatever else reads it.</summary>
    public static IReadOnlyDictionary<string, int> Of(OnnxGraph graph)
    {
        var axes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Where(node => Axis(node, graph) is not null))
        {
            axes[node.Input[0]] = Math.Max(Axis(node, graph)!.Value, axes.GetValueOrDefault(node.Input[0], Last));
        }

        return axes;
    }

    /// <summary>The axis that a layer's input channels have; null where no correction covers it: a Gemm that turns its input, a weight on the left, a stack of matrices, other floats, all but Conv, Gemm and MatMul.</summary>
    public static int? Axis(NodeProto node, OnnxGraph graph) =>
        !node.IsStandard() || node.OpType is not ("Conv" or "Gemm" or "MatMul") || graph.Constant(node.InputOrEmpty(0)) is not null
            || Layers.Weights(node, graph) is not [{ Input: 1 } weight] || weight.Tensor.ElementType() != DataType.Float ? null
        : node.OpType == "Conv" ? OfConvolution
        : weight.Tensor.Dims.Count == 2 && node.Int64("transA", 0) == 0 ? Last
        : null;
}
