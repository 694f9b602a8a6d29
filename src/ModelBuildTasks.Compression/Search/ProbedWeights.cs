using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Search;

/// <summary>Weights as they are after they were stored as bytes, with the corrections that the passes make.</summary>
internal sealed class ProbedWeights(OnnxGraph graph, ProbeNodes nodes, PassContext context)
{
    private readonly BiasCorrector biases = BiasCorrector.Of(graph, context);

    /// <summary>What a layer reads in place of its weights.</summary>
    /// <param name="Inputs">The inputs to replace.</param>
    /// <param name="MeanErrors">What a bias takes back of each output channel; null for nothing.</param>
    public sealed record Layer(IReadOnlyList<(int Index, string Value)> Inputs, double[]? MeanErrors);

    /// <summary>The weights of a layer, restored.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="onBytes">Whether it computes on bytes, so that pairs of weights may be bounded.</param>
    public Layer Restored(NodeProto node, IReadOnlyList<LayerWeight> weights, bool onBytes)
    {
        var isBound = onBytes && context.Device.PairBound;
        var quantized = weights.Select(weight => WeightRounding.Round(weight, isBound ? PairBound.ForAnyInput(node, weight) : null, context.Corrections.WeightScales, graph.NewPayload)).ToArray();
        var errors = biases.MeanErrors(node, weights[0], quantized[0].Restored(weights[0].Axis));
        var alpha = node.OpType == "Gemm" ? node.Single("alpha", 1) : 1;
        return new Layer([.. weights.Zip(quantized, (weight, bytes) => (weight.Input, Restored(weight, bytes)))], errors is null ? null : Array.ConvertAll(errors, error => alpha * error));
    }

    private string Restored(LayerWeight weight, QuantizedWeight quantized)
    {
        var bytes = nodes.Constant(TensorValues.Create(nodes.NewName(), DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]));
        var scale = nodes.Constant(TensorValues.Create(nodes.NewName(), quantized.Scales, weight.ScaleDims));
        var restored = nodes.Add("Mul", [Cast(bytes, DataType.Float), scale]);
        restored = weight.Tensor.ElementType() == DataType.Float ? restored : Cast(restored, weight.Tensor.ElementType());
        return weight.IsTransposed ? nodes.Add("Transpose", [restored]) : restored;
    }

    private string Cast(string value, DataType type) => nodes.Add("Cast", [value], node => node.With("to", (long)type));
}
