using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What the operators of a graph cost by themselves in float and on bytes, in nanoseconds.</summary>
internal sealed class LayerCosts(OnnxGraph graph, ActivationSizes sizes, CostTable table)
{
    /// <summary>The class of a layer with a constant weight.</summary>
    public static LayerClass Class(NodeProto node, OnnxGraph graph)
    {
        var weight = Layers.Weights(node, graph)[0];
        if (node.OpType != "Conv")
        {
            return new LayerClass(node.OpType, 0, 1, 1, weight.Tensor.ElementCount() / weight.Axis.Channels, weight.Axis.Channels);
        }

        var dims = weight.Tensor.Dims;
        var groups = Math.Max(1, node.Int64("group", 1));
        return new LayerClass("Conv", dims.Count - 2, dims.Skip(2).Aggregate(1L, (product, dimension) => product * dimension), groups, dims[1], Math.Max(1, dims[0] / groups));
    }

    /// <summary>What a layer, with the activation that fuses with it in float, or an operator without weights costs; null where the table knows neither it nor anything near.</summary>
    public double? Of(NodeProto node, bool onBytes)
    {
        if (!node.IsLayer(graph))
        {
            return PerElement(node, Math.Max(sizes.Of(node.InputOrEmpty(0)), sizes.Of(node.Output[0])), onBytes);
        }

        if (node.OpType is not ("Conv" or "Gemm" or "MatMul") || Layers.Weights(node, graph).Count == 0)
        {
            return null;
        }

        var layer = Class(node, graph);
        if (table.Nearest(layer) is not { } cost)
        {
            return null;
        }

        var multiplyAdds = sizes.Of(node.Output[0]) * layer.Inputs * layer.Kernel;
        var activation = FusedActivation(node) is { } behind ? PerElement(behind, sizes.Of(node.Output[0]), onBytes) ?? 0 : 0;
        return table.Borders.Start + (multiplyAdds / 1000 * (onBytes ? cost.Int8 : cost.Float)) + activation;
    }

    /// <summary>
    /// What a layer costs in a format, without conversions at its borders; null where the table knows nothing near. Weights that are only stored in few bits cost what float does: the runtime restores them when it loads the
    /// model. A product whose input is quantized anew on each run costs that too: reading it for its range is taken to cost what DequantizeLinear does, which reads and writes as much or more.
    /// </summary>
    public double? Of(NodeProto layer, LayerFormat format) => format switch
    {
        LayerFormat.Int8 => Of(layer, onBytes: true),
        LayerFormat.Int8Dynamic when layer.OpType is "Gemm" or "MatMul" => Of(layer, onBytes: true) + table.Borders.Start + (sizes.Of(layer.Input[0]) / 1000 * (table.Borders.Quantize + table.Borders.Dequantize)),
        _ => Of(layer, onBytes: false),
    };

    /// <summary>The activation that alone reads a convolution, that float kernels compute in passing and no integer kernel does; null where there is none.</summary>
    public NodeProto? FusedActivation(NodeProto node) => node.OpType == "Conv" && !graph.IsGraphOutput(node.Output[0])
        && graph.Consumers(node.Output[0]) is [{ Node: { OpType: "HardSwish" or "HardSigmoid" or "Sigmoid" or "Mish" or "Gelu" } behind }] ? behind : null;

    private double? PerElement(NodeProto node, double elements, bool onBytes) =>
        table.Of(node.OpType) is { } cost ? table.Borders.Start + (elements / 1000 * (onBytes ? cost.Int8 : cost.Float)) : null;
}
