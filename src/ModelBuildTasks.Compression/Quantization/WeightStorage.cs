using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Onnx.OperatorSets;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Corrections;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Decides for one layer after the other whether its weights are stored as bytes, with four bits or as indices of a codebook, and does it: in the main graph and inside subgraphs, each weight in the graph that defines it. It knows every layer as it
/// was before the first edit.
/// </summary>
internal sealed class WeightStorage
{
    private readonly int opset;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly OnnxGraph main;
    private readonly CorrectionSwitches corrections;
    private readonly Func<NodeProto, LayerFormat> formats;
    private readonly FormatAssignment assignment;
    private readonly IWeightRounder rounder;
    private readonly OrderedDictionary<OnnxGraph, WeightWriters> writers = new(ReferenceEqualityComparer.Instance);
    private readonly OrderedDictionary<NodeProto, Layer> layers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, Stored> stored = new(ReferenceEqualityComparer.Instance);

    private readonly HashSet<NodeProto> leftOut = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<OnnxGraph> edited = new(ReferenceEqualityComparer.Instance);

    private sealed record Layer(string Name, OnnxGraph Graph, NodeProto? Holder, bool Kept, long Bytes, IReadOnlyList<(OnnxGraph Owner, LayerWeight Weight)> Weights, string WhyNone);

    /// <summary>What became of a layer's weights so far: how many are stored and in which format, four bits where one of them has four, and why one has not.</summary>
    private readonly record struct Stored(int Count, long BytesBefore, LayerChange Change, string Why, LayerFormat Format, string? WhyBytes);

    /// <param name="model">The model.</param>
    /// <param name="graph">Its main graph.</param>
    /// <param name="context">Names the nodes that stay float, and the corrections that are made.</param>
    /// <param name="formats">What each layer is to be; weights of all but int4-weights become bytes.</param>
    /// <param name="assignment">How weights of four bits are stored, and what chooses the values of codebooks.</param>
    /// <param name="rounder">Rounds weights.</param>
    public WeightStorage(OnnxModel model, OnnxGraph graph, PassContext context, Func<NodeProto, LayerFormat> formats, FormatAssignment assignment, IWeightRounder rounder)
    {
        Biases = BiasCorrector.Of(graph, context);
        corrections = context.Corrections;
        opset = model.Opset;
        keepFloat = context.KeepFloat;
        this.formats = formats;
        this.assignment = assignment;
        this.rounder = rounder;
        main = graph;
        Collect(model, graph);
    }

    /// <summary>Corrects the biases of the main graph's layers.</summary>
    public BiasCorrector Biases { get; }

    /// <summary>The layers of the main graph, in the order of the file.</summary>
    public IEnumerable<NodeProto> MainLayers => layers.Where(layer => layer.Value.Holder is null).Select(layer => layer.Key);

    /// <summary>The layers inside subgraphs, in the order of the file.</summary>
    public IEnumerable<NodeProto> InnerLayers => layers.Where(layer => layer.Value.Holder is not null).Select(layer => layer.Key);

    /// <summary>Stores the weights that subgraphs define. To be done before the main graph is edited: edits there reach into subgraphs.</summary>
    public void StoreInner()
    {
        // What is deeper was collected later.
        foreach (var graph in writers.Keys.Where(graph => graph != main).Reverse())
        {
            if (StoreOwned(graph, layers.Keys) | edited.Contains(graph))
            {
                graph.RemoveUnused();
                graph.Commit();
            }
        }
    }

    /// <summary>The report of a layer whose constants another writer changed, or nobody.</summary>
    public LayerReport Report(NodeProto node, LayerFormat format, string? reason, LayerChange? change) => new(
        layers[node].Name,
        node.OpType,
        LayerFormatNames.Of(format),
        change?.SqnrDb,
        layers[node].Bytes,
        change?.Bytes ?? layers[node].Bytes,
        reason);

    /// <summary>Readers that stay float take the bytes of an int8 layer's weight too, so that the float weight can go; unless KeepFloat names one of them.</summary>
    /// <param name="graph">The graph that defines the weights.</param>
    /// <param name="weights">What is stored.</param>
    public void ShareWithOthers(OnnxGraph graph, IEnumerable<StoredWeight> weights)
    {
        foreach (var weight in weights)
        {
            if (graph.Consumers(weight.Weight.Name).Count > 0 && WhyNotShared(graph, weight.Weight.Name) is null)
            {
                writers[graph].Bytes.Restore(weight);
            }
        }
    }

    /// <summary>The graph of a layer.</summary>
    public OnnxGraph GraphOf(NodeProto node) => layers[node].Graph;

    /// <summary>Whether KeepFloat names a layer.</summary>
    public bool IsKept(NodeProto node) => layers[node].Kept;

    /// <summary>Another writer wrote a layer, whose weights are none to store any more.</summary>
    public void LeaveOut(NodeProto node)
    {
        leftOut.Add(node);
        edited.Add(layers[node].Graph);
    }

    /// <summary>Stores the weights of a layer that the main graph defines, and reports on the layer.</summary>
    /// <param name="node">A layer.</param>
    /// <param name="reason">Why its activations stay float; null where nobody asked for more.</param>
    public LayerReport Store(NodeProto node, string? reason)
    {
        var layer = layers[node];
        if (layer.Kept || layer.Weights.Count == 0)
        {
            return Report(node, LayerFormat.Float, layer.Kept ? Reasons.KeptFloat : layer.Holder is null ? reason ?? layer.WhyNone : layer.WhyNone, null);
        }

        StoreOwned(main, [node]);
        var (count, bytesBefore, change, why, format, whyBytes) = stored.GetValueOrDefault(node);
        return count == 0
            ? Report(node, LayerFormat.Float, reason is null ? why : $"{reason}; {why}", null)
            : Report(node, format, reason ?? whyBytes, change with { Bytes = layer.Bytes - bytesBefore + change.Bytes });
    }

    /// <summary>Why the activations of a layer inside a subgraph stay float.</summary>
    public string WhyInner(NodeProto node) => layers[node].Holder is { } holder
        ? $"it is inside a subgraph of {holder.OpType} '{holder.DisplayName()}', where activations are not calibrated"
        : throw new ArgumentException($"'{node.DisplayName()}' is in the main graph.", nameof(node));

    private void Collect(OnnxModel model, OnnxGraph graph)
    {
        writers.Add(graph, new WeightWriters(model, graph, assignment, corrections.WeightScales, rounder, Biases));
        foreach (var node in graph.Nodes)
        {
            if (node.IsLayer(graph))
            {
                layers.Add(node, new Layer(
                    node.DisplayName(),
                    graph,
                    graph.Holder,
                    NodePatterns.Match(keepFloat, node.DisplayName()),
                    Layers.ConstantBytes(node, graph),
                    [.. Layers.Weights(node, graph).Select(weight => (graph.Owner(weight.Name)!, weight))],
                    WhyNone(node, graph)));
            }

            foreach (var inner in graph.Inner(node))
            {
                Collect(model, inner);
            }
        }
    }

    /// <summary>Stores the weights of layers that a graph defines; says whether there was one to store.</summary>
    private bool StoreOwned(OnnxGraph owner, IEnumerable<NodeProto> nodes)
    {
        var isStored = false;
        foreach (var node in nodes.Where(node => !layers[node].Kept && !leftOut.Contains(node)))
        {
            foreach (var weight in layers[node].Weights.Where(weight => weight.Owner == owner).Select(weight => weight.Weight))
            {
                var before = stored.GetValueOrDefault(node);
                var why = opset < OldOperators.Target ? $"opset {opset} has no product of a weight and its scales, and the model could not be raised to a later one" : WhyNotShared(owner, weight.Name);
                var written = why is null ? writers[owner].Write(node, weight, formats(node)) : null;
                isStored |= written is not null;
                stored[node] = written is { } weights
                    ? new Stored(before.Count + 1, before.BytesBefore + weight.Tensor.SizeInBytes(), before.Change + weights.Change, "", before.Format == LayerFormat.Int4Weights ? before.Format : weights.Format, weights.WhyBytes ?? before.WhyBytes)
                    : before with { Why = why ?? Reasons.TooSmall };
            }
        }

        return isStored;
    }

    private string? WhyNotShared(OnnxGraph owner, string name)
    {
        if (owner.IsGraphOutput(name))
        {
            return $"its weight '{name}' is an output of the {(owner == main ? "model" : "subgraph")}";
        }

        var kept = owner.Consumers(name).Select(use => use.Node).FirstOrDefault(node => NodePatterns.Match(keepFloat, node.DisplayName()))?.DisplayName()
            ?? layers.Values.FirstOrDefault(layer => layer.Kept && layer.Weights.Any(weight => weight.Owner == owner && weight.Weight.Name == name))?.Name;
        return kept is null ? null : $"it shares its weight '{name}' with '{kept}', which KeepFloat names";
    }

    private static string WhyNone(NodeProto node, OnnxGraph graph)
    {
        var name = node.InputOrEmpty(Layers.WeightInputs(node, graph)[0]);
        return graph.Constant(name) is { } tensor
            ? Layers.IsFloatingPoint(tensor) ? "no rule covers the shape of its weight" : $"its weight '{name}' is {tensor.ElementType()}"
            : Layers.WhyNotConstant(name, graph);
    }
}
