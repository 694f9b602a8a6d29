using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>How many weights a model and its layers have, to tell afterwards what became of them.</summary>
internal sealed class LayerWeights
{
    private readonly long all;
    private readonly OrderedDictionary<string, (string Operation, long Weights)> layers = new(StringComparer.Ordinal);

    private LayerWeights(OnnxGraph graph)
    {
        all = Count(graph);
        foreach (var node in graph.Nodes.Where(node => node.IsLayer(graph)))
        {
            layers[node.DisplayName()] = (node.OpType, Count(node, graph));
        }
    }

    /// <summary>Those of a graph as it is.</summary>
    public static LayerWeights Of(OnnxGraph graph) => new(graph);

    /// <summary>Σ w² of the weights of a graph's layers.</summary>
    public static double Energy(OnnxGraph graph) => graph.Nodes.Where(node => node.IsLayer(graph)).SelectMany(node => Layers.Weights(node, graph)).DistinctBy(weight => weight.Name).Sum(weight =>
    {
        var reader = new SinglesReader(weight.Tensor);
        return reader.Parts().Sum(part => Energy(reader.Read(part.Start, part.Count)));
    });

    /// <summary>What became of them where whole parts of layers went.</summary>
    /// <param name="method">How.</param>
    /// <param name="sparsity">What was asked for.</param>
    /// <param name="graph">The graph afterwards.</param>
    /// <param name="reason">Tells why a layer kept all it has.</param>
    /// <param name="decibels">The SQNR of layers' outputs.</param>
    public PruningReport Report(PruneMethod method, double sparsity, OnnxGraph graph, Func<string, string?> reason, IReadOnlyDictionary<string, double> decibels)
    {
        var left = graph.Nodes.ToDictionary(node => node.DisplayName(), StringComparer.Ordinal);
        return new PruningReport(PruneMethodNames.Of(method), new PruningOptions(sparsity, method).Text, all, Count(graph), 0)
        {
            Layers = [.. layers.Select(layer =>
            {
                var after = left.TryGetValue(layer.Key, out var node) ? Count(node, graph) : 0;
                return new PrunedLayerReport(layer.Key, layer.Value.Operation, layer.Value.Weights, after, decibels.TryGetValue(layer.Key, out var own) ? own : null, after == layer.Value.Weights ? reason(layer.Key) : null);
            })],
        };
    }

    private static double Energy(ReadOnlySpan<float> values) => DotProducts.Of(values, values).XX;

    private static long Count(NodeProto node, OnnxGraph graph) => Layers.WeightInputs(node, graph).Select(input => Layers.Source(node.InputOrEmpty(input), graph)?.Tensor).OfType<TensorProto>().Sum(tensor => tensor.ElementCount());

    private static long Count(OnnxGraph graph) =>
        graph.Proto.Initializer.Concat(graph.Nodes.Where(ConstantNodes.IsConstant).Select(ConstantNodes.Tensor).OfType<TensorProto>()).Where(Layers.IsFloatingPoint).Sum(tensor => tensor.ElementCount());
}
