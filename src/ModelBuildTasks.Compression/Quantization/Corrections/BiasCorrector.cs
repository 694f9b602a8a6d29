using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// Puts the mean error of rounded weights right where a layer's bias is: in the layer, or in the sum of a constant row behind a MatMul. A Conv or Gemm without a bias gets one; a MatMul without a sum does not: what the runtime
/// fuses with it would be cut off, and its sum become a Gemm whose weight is restored on every run.
/// </summary>
internal sealed class BiasCorrector
{
    private readonly OnnxGraph graph;
    private readonly Dictionary<NodeProto, float[]> means = new(ReferenceEqualityComparer.Instance);

    /// <summary>To be made before activations are rewritten: what a layer reads has another name then.</summary>
    /// <param name="graph">The main graph.</param>
    /// <param name="means">The mean of each channel of the layers' inputs; empty for none, and nothing is corrected.</param>
    public BiasCorrector(OnnxGraph graph, IReadOnlyDictionary<string, float[]> means)
    {
        this.graph = graph;
        var axes = means.Count == 0 ? new Dictionary<string, int>() : MeanAxes.Of(graph);
        foreach (var node in graph.Nodes)
        {
            if (MeanAxes.Axis(node, graph) is { } axis && axes.GetValueOrDefault(node.Input[0]) == axis && means.TryGetValue(node.Input[0], out var known))
            {
                this.means.Add(node, known);
            }
        }
    }

    /// <summary>The corrector of a pass: of what was observed, where biases are to be corrected.</summary>
    public static BiasCorrector Of(OnnxGraph graph, PassContext context) => new(graph, context is { Corrections.Bias: true, Ranges: { } observed } ? observed.Means : new Dictionary<string, float[]>());

    /// <summary>Corrects the bias of a layer, and tells by how many bytes that made it larger.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="restored">What became of the weight, for this layer or another.</param>
    /// <param name="factor">What the weight was multiplied with before it was rounded; the layer does it no more.</param>
    public long Correct(NodeProto node, LayerWeight weight, IEnumerable<RestoredPart> restored, float factor = 1)
    {
        if (MeanErrors(node, weight, restored, factor) is not { } errors || WeightLayout.Of(node, weight) is not { } layout || Place(node, layout.Outputs, factor) is not { } place)
        {
            return 0;
        }

        foreach (ref var error in errors.AsSpan())
        {
            error *= place.Factor;
        }

        if (errors.All(error => error == 0))
        {
            return 0;
        }

        var bias = place.Name.Length == 0 ? null : graph.Constant(place.Name)!;
        var values = bias is null ? default : bias.Singles();
        var corrected = BiasCorrection.Corrected(values.Length == 1 ? Enumerable.Repeat(values[0], layout.Outputs).ToArray() : values, errors);
        long[] dims = bias is null || bias.ElementCount() != layout.Outputs ? [layout.Outputs] : [.. bias.Dims];
        var name = graph.AddInitializer(TensorValues.Create(ValueNames.Stem(place.Name.Length == 0 ? node.Output[0] : place.Name) + "_b", corrected, dims));
        graph.SetInput(place.Node, place.Input, name);
        return sizeof(float) * (layout.Outputs - (bias?.ElementCount() ?? 0));
    }

    /// <summary>The mean error of each output channel, for one of the weight's products and before alpha, that <see cref="Correct"/> would take off a bias; null where it corrects nothing.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="restored">What became of the weight.</param>
    /// <param name="factor">What the weight was multiplied with before it was rounded.</param>
    public double[]? MeanErrors(NodeProto node, LayerWeight weight, IEnumerable<RestoredPart> restored, float factor = 1) =>
        means.TryGetValue(node, out var inputs) && WeightLayout.Of(node, weight) is { } layout && layout.Inputs == inputs.Length && Place(node, layout.Outputs, factor) is not null
            ? BiasCorrection.MeanErrors(new SinglesReader(weight.Tensor, factor), restored, layout, inputs)
            : null;

    /// <summary>Where a constant is added to a layer's products, and how many times the mean error has to be taken off it; null where none is, or one that is no row.</summary>
    private (NodeProto Node, int Input, string Name, double Factor)? Place(NodeProto node, int outputs, float factor)
    {
        if (node.OpType == "MatMul")
        {
            return Behind(node) is { } sum && IsRow(sum.Name, outputs) ? sum : null;
        }

        var name = node.InputOrEmpty(2);
        var isGemm = node.OpType == "Gemm";
        var (alpha, beta) = (isGemm && factor == 1 ? node.Single("alpha", 1) : 1, isGemm && name.Length > 0 ? node.Single("beta", 1) : 1);
        return beta == 0 || name.Length > 0 && !IsRow(name, outputs) ? null : (node, 2, name, (double)alpha / beta);
    }

    private (NodeProto Node, int Input, string Name, double Factor)? Behind(NodeProto node)
    {
        if (graph.IsGraphOutput(node.Output[0]) || graph.Consumers(node.Output[0]) is not [{ Node: var next, Index: >= 0 and var index }] || !next.IsStandard() || next.OpType is not ("Add" or "Sub") || next.OpType == "Sub" && index == 1)
        {
            return null;
        }

        return (next, 1 - index, next.Input[1 - index], next.OpType == "Sub" ? -1 : 1);
    }

    private bool IsRow(string name, int outputs) => graph.Constant(name) is { } bias && bias.ElementType() == DataType.Float && bias.ElementCount() is var count
        && (count == 1 && bias.Dims.Count <= 1 || count == outputs && bias.Dims[^1] == outputs);
}
