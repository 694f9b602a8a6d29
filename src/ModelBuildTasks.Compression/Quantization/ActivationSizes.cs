using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// How many elements each value has: as its shape says, and where a dimension differs from run to run, as it would be for one sample of <see cref="FreeDimension"/> in every free dimension. Costs in float and on bytes
/// grow alike with it, so the guess decides little.
/// </summary>
internal sealed class ActivationSizes
{
    /// <summary>Stands for a dimension that the file does not tell.</summary>
    private const int FreeDimension = 32;

    private readonly ValueShapes shapes;
    private readonly Dictionary<string, double> sizes = [];

    public ActivationSizes(OnnxGraph graph, ValueShapes shapes)
    {
        this.shapes = shapes;
        foreach (var input in graph.Proto.Input)
        {
            sizes[input.Name] = Told(input.Name) ?? Guess(shapes.Shape(input.Name) ?? []);
        }

        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Output)
            {
                sizes[output] = Told(output) ?? OfResult(node, graph);
            }
        }
    }

    /// <summary>The number of elements; 1 at least.</summary>
    public double Of(string value) => Math.Max(1, sizes.GetValueOrDefault(value, 1));

    private static double Guess(IReadOnlyList<long> shape) => shape.Select((dimension, axis) => dimension >= 0 ? dimension : axis == 0 ? 1.0 : FreeDimension).Aggregate(1.0, (product, dimension) => product * dimension);

    // A free first dimension counts samples, and one is enough to compare by.
    private double? Told(string value) => shapes.Shape(value) is { } shape && shape.Skip(1).All(dimension => dimension >= 0) ? Guess(shape) : null;

    private double OfResult(NodeProto node, OnnxGraph graph)
    {
        var input = Of(node.InputOrEmpty(0));
        var weights = node.OpType is "Conv" or "Gemm" or "MatMul" ? Layers.Weights(node, graph) : [];
        var weight = weights.Count > 0 ? weights[0] : null;
        return (node.OpType, weight) switch
        {
            ("Conv", not null) => input / (weight.Tensor.Dims[1] * node.Int64("group", 1)) / Strides(node) * weight.Axis.Channels,
            ("Gemm" or "MatMul", not null) => input / (weight.Tensor.ElementCount() / weight.Axis.Channels) * weight.Axis.Channels,
            ("MaxPool" or "AveragePool", _) => input / Strides(node),
            ("GlobalAveragePool" or "GlobalMaxPool", _) => shapes.Shape(node.Input[0]) is { Length: > 1 } shape && shape[1] > 0 ? shape[1] : Math.Max(1, input / (FreeDimension * FreeDimension)),
            ("Concat", _) => node.Input.Sum(Of),
            ("Add" or "Mul" or "Sub" or "Div", _) => node.Input.Max(Of),
            _ => input,
        };
    }

    private static double Strides(NodeProto node) => node.Attribute("strides")?.Ints.Aggregate(1.0, (product, stride) => product * stride) ?? 1;
}
