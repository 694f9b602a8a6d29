using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Writes the layers that are to be int8-dynamic, in the main graph and inside subgraphs, and says of each that computes in float why.</summary>
internal sealed class DynamicLayers
{
    private readonly Func<NodeProto, LayerFormat> formats;
    private readonly WeightStorage storage;
    private readonly Dictionary<OnnxGraph, (DynamicRules Rules, DynamicWriter Writer)> graphs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, LayerChange> changes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, string> reasons = new(ReferenceEqualityComparer.Instance);
    private readonly OnnxModel model;
    private readonly bool isPairBound;
    private readonly IWeightRounder rounder;
    private readonly IReadOnlyDictionary<string, int> ranks;

    /// <param name="model">The model.</param>
    /// <param name="storage">Its layers, of which none is written yet.</param>
    /// <param name="formats">What each layer is to be.</param>
    /// <param name="isPairBound">Whether pairs of weights are bounded.</param>
    /// <param name="ranks">Ranks of values that calibration saw.</param>
    /// <param name="rounder">Rounds weights.</param>
    public DynamicLayers(OnnxModel model, WeightStorage storage, Func<NodeProto, LayerFormat> formats, bool isPairBound, IReadOnlyDictionary<string, int> ranks, IWeightRounder rounder)
    {
        (this.model, this.storage, this.formats, this.isPairBound, this.ranks, this.rounder) = (model, storage, formats, isPairBound, ranks, rounder);
    }

    /// <summary>Writes those inside subgraphs, deepest first; to be done before anything else is edited.</summary>
    public void WriteInner() => WriteAll(storage.InnerLayers.Reverse());

    /// <summary>Writes those of the main graph.</summary>
    public void WriteMain() => WriteAll(storage.MainLayers);

    /// <summary>The report of a layer that is to be int8-dynamic; null where it has the weights of eight bits that <see cref="WeightStorage"/> gives it.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="reason">Why it is not more; null where nobody asked for that.</param>
    public LayerReport? Report(NodeProto node, string? reason) => changes.TryGetValue(node, out var change) ? storage.Report(node, LayerFormat.Int8Dynamic, reason, change) : null;

    /// <summary>Why a layer computes in float, with why it was not to be more than int8-dynamic before that.</summary>
    public string? Reason(NodeProto node, string? reason) => reasons.TryGetValue(node, out var own) ? reason is null ? own : $"{reason}; {own}" : reason;

    private void WriteAll(IEnumerable<NodeProto> nodes)
    {
        foreach (var node in nodes)
        {
            Write(node);
        }

        // Other readers of their weights take the same bytes.
        foreach (var (graph, (_, writer)) in graphs)
        {
            storage.ShareWithOthers(graph, writer.Stored.Values);
        }
    }

    private void Write(NodeProto node)
    {
        if (formats(node) != LayerFormat.Int8Dynamic || storage.IsKept(node))
        {
            return;
        }

        var graph = storage.GraphOf(node);
        if (!graphs.TryGetValue(graph, out var parts))
        {
            graphs.Add(graph, parts = (new DynamicRules(graph, new ValueShapes(graph, ranks)), new DynamicWriter(graph, model, isPairBound, rounder, storage.Biases)));
        }

        if (parts.Rules.WhyNot(node) is { } reason)
        {
            reasons.Add(node, reason);
        }
        else
        {
            changes.Add(node, parts.Writer.Write(node));
            storage.LeaveOut(node);
        }
    }
}
