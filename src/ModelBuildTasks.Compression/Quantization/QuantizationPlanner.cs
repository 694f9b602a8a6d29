using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Decides which layers and which operators between them compute on bytes. Layers that may are taken at first; then whatever does not connect them, and what is slower in
/// bytes at the border between float and bytes, is dropped until nothing changes any more.
/// </summary>
internal sealed class QuantizationPlanner
{
    /// <summary>
    /// In front of the integer region, a convolution that sums fewer products for an output has nothing to gain from bytes. Measured, float against int8 there: digit network
    /// (1 channel, 3x3: 9 products) 126 against 140 µs; mobilenet (3 channels, 3x3: 27) alike; resnet (3 channels, 7x7: 147) 2.2 against 2.0 ms, as its MaxPool and first sums follow.
    /// </summary>
    private const int FewestStemProducts = 16;

    private readonly OnnxGraph graph;
    private readonly IReadOnlyDictionary<string, ValueRange> ranges;
    private readonly IReadOnlyList<string> keepFloat;
    private readonly IReadOnlyList<NodeProto> nodes;
    private readonly Dictionary<NodeProto, LayerDecision> layers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> connectors = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, NodeProto> absorbed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, string> whyFloat = new(ReferenceEqualityComparer.Instance);
    private HashSet<string> available = [];

    private QuantizationPlanner(OnnxGraph graph, int opset, ActivationRanges activations, IReadOnlyList<string> keepFloat)
    {
        this.graph = graph;
        ranges = activations.Ranges;
        this.keepFloat = keepFloat;
        nodes = graph.Nodes;
        var rules = new LayerRules(graph, new ValueShapes(graph, activations.Ranks), opset, ranges);
        foreach (var node in nodes)
        {
            var kept = NodePatterns.Match(keepFloat, node.DisplayName());
            if (node.IsLayer(graph))
            {
                layers.Add(node, kept ? LayerDecision.Float(node, Reasons.KeptFloat)
                    : rules.WhyNotInt8(node) is { } limit ? LayerDecision.Weights(node, limit)
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
                layers[node] = LayerDecision.Weights(node, $"the range of its output '{EffectiveOutput(node)}' is not known, as the operator that clips it is kept float");
            }
        }

        foreach (var node in connectors.Where(node => !ConnectorRules.KeepsScale(node) && !HasRange(EffectiveOutput(node))).ToArray())
        {
            Drop(node, $"the range of its output '{EffectiveOutput(node)}' is not known or not finite");
        }
    }

    /// <param name="graph">The graph, its Gemm and MatMul in the forms of <see cref="GemmForms"/>.</param>
    /// <param name="opset">The version of the default operator set.</param>
    /// <param name="activations">What was observed of every activation.</param>
    /// <param name="keepFloat">Patterns of nodes that stay float.</param>
    public static QuantizationPlan Plan(OnnxGraph graph, int opset, ActivationRanges activations, IReadOnlyList<string> keepFloat)
    {
        var planner = new QuantizationPlanner(graph, opset, activations, keepFloat);
        while (planner.DropMisfits())
        {
        }

        planner.AbsorbBehindMatrices();
        return new QuantizationPlan(
            [.. planner.nodes.Where(planner.layers.ContainsKey).Select(node => planner.layers[node])],
            [.. planner.nodes.Where(planner.connectors.Contains)],
            planner.absorbed.Where(pair => planner.ComputesOnBytes(pair.Key)).ToDictionary<NodeProto, NodeProto>(ReferenceEqualityComparer.Instance),
            planner.whyFloat,
            [.. planner.Activations()]);
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
            else if (IsConvolution(node) && WhyNotHere(node) is { } reason)
            {
                layers[node] = LayerDecision.Weights(node, reason);
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

    private string? WhyNotHere(NodeProto node)
    {
        var weight = graph.Constant(node.Input[1])!;
        if (!LayerRules.IsDepthwise(node, weight))
        {
            var products = weight.ElementCount() / weight.Dims[0];
            return products < FewestStemProducts && !available.Contains(node.Input[0])
                ? $"it reads float and sums {products} products for an output: too few to gain from bytes"
                : null;
        }

        return !available.Contains(node.Input[0]) || !IsWanted(EffectiveOutput(node)) ? "it is depthwise and not between int8 layers" : null;
    }

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

    // A softmax is a share of 1 whatever the calibration samples were.
    private ActivationParameters Parameters(string value) =>
        graph.Producer(value)?.IsStandard("Softmax") == true ? ActivationParameters.OfShares : ActivationParameters.FromRange(ranges[value]);

    private IEnumerable<QuantizedActivation> Activations()
    {
        var parameters = new Dictionary<string, ActivationParameters>();
        foreach (var input in graph.Proto.Input)
        {
            if (graph.Consumers(input.Name).Any(use => use.Index == 0 && IsInt8Layer(use.Node)))
            {
                yield return Quantized(input.Name, Parameters(input.Name), fromInt8: false);
            }
        }

        foreach (var node in nodes)
        {
            if (IsConvolution(node) || connectors.Contains(node) || IsInt8Layer(node) && absorbed.ContainsKey(node))
            {
                foreach (var output in EffectiveOutputs(node))
                {
                    var keeps = connectors.Contains(node) && ConnectorRules.KeepsScale(node);
                    yield return Quantized(output, keeps ? parameters[node.Input[0]] : Parameters(output), fromInt8: true);
                }

                continue;
            }

            foreach (var output in node.Output.Where(output => !parameters.ContainsKey(output) && graph.Consumers(output).Any(use => use.Index == 0 && IsInt8Layer(use.Node))))
            {
                yield return Quantized(output, Parameters(output), fromInt8: false);
            }
        }

        QuantizedActivation Quantized(string value, ActivationParameters chosen, bool fromInt8)
        {
            parameters.Add(value, chosen);
            return new QuantizedActivation(value, chosen, fromInt8);
        }
    }
}
