using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Decides which layers and which operators between them compute on bytes: of all that may and that connect layers, those that together cost the least as the device's cost table has it (<see cref="RegionCut"/>).
/// </summary>
internal sealed class QuantizationPlanner
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlyDictionary<string, ValueRange> ranges;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly FormatAssignment formats;
    private readonly IReadOnlyList<NodeProto> nodes;
    private readonly Dictionary<NodeProto, LayerDecision> layers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> connectors = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, NodeProto> absorbed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, string> whyFloat = new(ReferenceEqualityComparer.Instance);
    private HashSet<string> available = [];

    private QuantizationPlanner(OnnxGraph graph, int opset, ActivationRanges activations, IReadOnlyList<string> keepFloat, FormatAssignment formats)
    {
        this.graph = graph;
        ranges = activations.Ranges;
        this.keepFloat = keepFloat;
        this.formats = formats;
        nodes = graph.Nodes;
        var rules = new LayerRules(graph, new ValueShapes(graph, activations.Ranks), opset, ranges);
        foreach (var node in nodes)
        {
            var kept = NodePatterns.Match(keepFloat, node.DisplayName());
            if (node.IsLayer(graph))
            {
                layers.Add(node, kept ? LayerDecision.Float(node, Reasons.KeptFloat)
                    : formats.Of(node).Preferred is not LayerFormat.Int8 and var wanted ? LayerDecision.Assigned(node, wanted)
                    : rules.WhyNotInt8(node) is { } limit ? LayerDecision.Instead(node, formats.Of(node).Otherwise, limit)
                    : LayerDecision.Int8(node));
            }
            else if ((kept ? Reasons.KeptFloat : ConnectorRules.WhyNot(node, opset)) is { } reason)
            {
                whyFloat.Add(node, reason);
            }
            else
            {
                connectors.Add(node);
            }

            if (IsConvolution(node) || connectors.Contains(node) && !ConnectorRules.KeepsScale(node))
            {
                TryAbsorb(node);
            }

            // Observed is only what saturation makes of it (see ObservedActivations).
            if (IsConvolution(node) && !HasRange(EffectiveOutput(node)))
            {
                layers[node] = LayerDecision.Instead(node, formats.Of(node).Otherwise, $"the range of its output '{EffectiveOutput(node)}' is not known, as the operator that clips it is kept float");
            }
        }

        foreach (var node in connectors.Where(node => !ConnectorRules.KeepsScale(node) && !HasRange(EffectiveOutput(node))).ToArray())
        {
            Drop(node, $"the range of its output '{EffectiveOutput(node)}' is not known or not finite");
        }

        DropUnequalBranches(new UnequalBranches(graph, ranges));
    }

    /// <param name="graph">The graph, its Gemm and MatMul in the forms of <see cref="GemmForms"/>.</param>
    /// <param name="opset">The version of the default operator set.</param>
    /// <param name="activations">What was observed of every activation.</param>
    /// <param name="keepFloat">Patterns of nodes that stay float.</param>
    /// <param name="costs">What operators cost in float and on bytes.</param>
    /// <param name="formats">What each layer is to be; only those that are to be int8 are considered for bytes.</param>
    public static QuantizationPlan Plan(OnnxGraph graph, int opset, ActivationRanges activations, IReadOnlyList<string> keepFloat, CostTable costs, FormatAssignment formats)
    {
        var planner = new QuantizationPlanner(graph, opset, activations, keepFloat, formats);
        planner.DropAllMisfits();
        var planCosts = new PlanCosts(graph, new ActivationSizes(graph, new ValueShapes(graph, activations.Ranks)), costs);
        var candidates = planner.State();
        var regions = planner.Choose(candidates, planCosts);
        var nanoseconds = planCosts.Total(planner.State(), candidates.Operators, node => planner.layers[node].Format);
        planner.AbsorbBehindMatrices();
        return new QuantizationPlan(
            [.. planner.nodes.Where(planner.layers.ContainsKey).Select(node => planner.layers[node])],
            [.. planner.nodes.Where(planner.connectors.Contains)],
            planner.absorbed.Where(pair => planner.ComputesOnBytes(pair.Key)).ToDictionary<NodeProto, NodeProto>(ReferenceEqualityComparer.Instance),
            planner.whyFloat,
            PlannedActivations.Of(graph, planner.State(), planner.absorbed, activations.Ranges),
            regions,
            nanoseconds);
    }

    private bool IsInt8Layer(NodeProto node) => layers.TryGetValue(node, out var layer) && layer.Format == LayerFormat.Int8;

    private bool IsConvolution(NodeProto node) => node.OpType == "Conv" && IsInt8Layer(node);

    private bool ComputesOnBytes(NodeProto node) => IsInt8Layer(node) || connectors.Contains(node);

    private string EffectiveOutput(NodeProto node) => absorbed.TryGetValue(node, out var clip) ? clip.Output[0] : node.Output[0];

    private void TryAbsorb(NodeProto node)
    {
        if (Absorption.Of(node.Output[0], graph) is { } clip && !NodePatterns.Match(keepFloat, clip.DisplayName()) && HasRange(clip.Output[0]))
        {
            absorbed.Add(node, clip);
        }
    }

    private string[] EffectiveOutputs(NodeProto node) => absorbed.ContainsKey(node) ? [EffectiveOutput(node)] : [.. node.Output];

    private bool HasRange(string value) => ranges.TryGetValue(value, out var range) && float.IsFinite(range.Minimum) && float.IsFinite(range.Maximum);

    private bool IsWanted(string value) => graph.Consumers(value).Any(ReadsBytes);

    private bool ReadsBytes(NodeInput use) => use.Index == 0 && IsInt8Layer(use.Node)
        || use.Index >= 0 && connectors.Contains(use.Node) && ConnectorRules.Activations(use.Node).Contains(use.Node.Input[use.Index]);

    private void DropAllMisfits()
    {
        while (DropMisfits())
        {
        }
    }

    private void DropUnequalBranches(UnequalBranches branches)
    {
        foreach (var node in nodes)
        {
            if (connectors.Contains(node) && branches.WhyFloat(node) is { } unequal)
            {
                Drop(node, unequal);
            }
            else if (IsInt8Layer(node) && branches.WhyNotInput(node.Input[0]) is { } reason)
            {
                layers[node] = LayerDecision.Instead(node, formats.Of(node).Otherwise, reason);
            }
        }
    }

    private BytesState State() => new(graph, nodes.Where(ComputesOnBytes).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance), absorbed);

    /// <summary>Drops what costs less in float, and tells what goes and what stays together.</summary>
    private IReadOnlyList<PlanRegion> Choose(BytesState candidates, PlanCosts costs)
    {
        var chosen = RegionCut.Choose(graph, candidates.Operators, absorbed, costs, node => formats.Of(node).Penalty);
        var regions = Regions.Of(graph, candidates, new BytesState(graph, chosen, absorbed), costs, formats);
        foreach (var region in regions.Where(region => region.Format != LayerFormat.Int8))
        {
            foreach (var node in region.Operators)
            {
                if (connectors.Contains(node))
                {
                    Drop(node, region.Reason);
                }
                else
                {
                    layers[node] = LayerDecision.Instead(node, formats.Of(node).Otherwise, region.Reason);
                }
            }
        }

        DropAllMisfits();
        return regions;
    }

    /// <summary>Drops what must not compute on bytes in the present state, all at once; false when nothing had to go.</summary>
    private bool DropMisfits()
    {
        available = [];
        var dropped = false;
        foreach (var node in nodes)
        {
            if (connectors.Contains(node) && WhyNoConnector(node) is { } missing)
            {
                Drop(node, missing);
                dropped = true;
            }

            if (connectors.Contains(node) || IsConvolution(node))
            {
                available.UnionWith(EffectiveOutputs(node));
            }
        }

        return dropped;
    }

    private void Drop(NodeProto connector, string reason)
    {
        connectors.Remove(connector);
        whyFloat.Add(connector, reason);
    }

    private string? WhyNoConnector(NodeProto node) =>
        ConnectorRules.Activations(node).FirstOrDefault(input => !available.Contains(input)) is { } input ? $"its input '{input}' is not stored as bytes"
        : EffectiveOutputs(node).Any(IsWanted) ? null
        : "nothing that computes on bytes reads its result";

    // The result of a matrix product stays float unless all its readers want bytes anyway.
    private void AbsorbBehindMatrices()
    {
        foreach (var node in nodes.Where(node => node.OpType is "Gemm" or "MatMul" && IsInt8Layer(node)))
        {
            if (Absorption.Of(node.Output[0], graph) is { } clip && !graph.IsGraphOutput(clip.Output[0])
                && graph.Consumers(clip.Output[0]) is { Count: > 0 } readers && readers.All(ReadsBytes))
            {
                TryAbsorb(node);
            }
        }
    }
}
