using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// A model with probes: beside each layer stands the same layer in each of its formats, fed with the float input, and a number that is the energy of the difference. One run of it tells the error of every layer in every
/// format, and of its activations nothing but those numbers leaves the runtime.
/// </summary>
/// <remarks>A layer on bytes is computed in float here, from its restored input and weights: the products of an integer kernel are exact, so the result is the same but for the last bits.</remarks>
internal sealed class ProbedModel
{
    private readonly OnnxGraph graph;
    private readonly QuantizationPlan plan;
    private readonly ProbeNodes nodes;
    private readonly ProbedWeights weights;
    private readonly DynamicRules dynamic;
    private readonly bool hasDynamicRanges;
    private readonly List<NoiseProbe> probes = [];
    private readonly Dictionary<string, string> energies = [];

    private ProbedModel(OnnxModel model, OnnxGraph graph, QuantizationPlan plan, SearchedModel searched)
    {
        this.graph = graph;
        this.plan = plan;
        nodes = new ProbeNodes(model, graph);
        weights = new ProbedWeights(graph, nodes, searched.Context);
        dynamic = new DynamicRules(graph, new ValueShapes(graph, searched.Ranges.Ranks));
        hasDynamicRanges = model.Opset >= ProbeNodes.FirstOpsetOfDynamicRanges;
    }

    /// <summary>One for each layer and format.</summary>
    public IReadOnlyList<NoiseProbe> Probes => probes;

    /// <summary>The outputs that are the energy Σ x² of a value, by the value's name.</summary>
    public IReadOnlyDictionary<string, string> Energies => energies;

    /// <summary>Adds probes to a model.</summary>
    /// <param name="model">The model, prepared as for quantization; it is edited.</param>
    /// <param name="graph">Its graph, not edited since the plan was made.</param>
    /// <param name="plan">A plan with all that can compute on bytes.</param>
    /// <param name="searched">The model of the search.</param>
    /// <param name="summed">The values of which the energy is to be told beside those of layers.</param>
    public static ProbedModel Of(OnnxModel model, OnnxGraph graph, QuantizationPlan plan, SearchedModel searched, IEnumerable<string> summed)
    {
        var probed = new ProbedModel(model, graph, plan, searched);
        foreach (var layer in plan.Layers.Where(layer => layer.Format != LayerFormat.Float))
        {
            probed.Probe(layer);
        }

        foreach (var value in summed)
        {
            probed.Energy(value);
        }

        graph.Commit();
        foreach (var output in probed.probes.Select(probe => probe.Output).Concat(probed.energies.Values))
        {
            model.Proto.Graph.Output.Add(new ValueInfoProto { Name = output });
        }

        return probed;
    }

    private void Probe(LayerDecision layer)
    {
        var node = layer.Node;
        var read = Layers.Weights(node, graph);
        if (read.Count == 0 || node.Output.FirstOrDefault(output => output.Length > 0) is not { } output)
        {
            return;
        }

        var clip = plan.Absorbed.GetValueOrDefault(node);
        var value = clip?.Output[0] ?? output;
        Add(LayerFormat.Int8Weights, weights.Restored(node, read, onBytes: false), null);
        var isDynamic = hasDynamicRanges && dynamic.WhyNot(node) is null;
        if (layer.Format != LayerFormat.Int8 && !isDynamic)
        {
            return;
        }

        var onBytes = weights.Restored(node, read, onBytes: true);
        if (layer.Format == LayerFormat.Int8)
        {
            Add(LayerFormat.Int8, onBytes, nodes.Stored(node.Input[0], Parameters(node.Input[0])));
        }

        if (isDynamic)
        {
            Add(LayerFormat.Int8Dynamic, onBytes, nodes.StoredDynamically(node.Input[0]));
        }

        void Add(LayerFormat format, ProbedWeights.Layer restored, string? input)
        {
            var result = nodes.Copy(node, restored.Inputs, input, output);
            result = restored.MeanErrors is { } errors ? nodes.Less(result, errors, node.OpType == "Conv" ? read[0].Tensor.Dims.Count - 2 : 0) : result;
            result = clip is null ? result : nodes.Copy(clip, [], result, clip.Output[0]);
            result = format == LayerFormat.Int8 && IsWritten(value) ? nodes.Stored(result, Parameters(value)) : result;
            probes.Add(new NoiseProbe(node.DisplayName(), format, value, nodes.SumOfSquares(nodes.Difference(value, result))));
            Energy(value);
        }
    }

    private ActivationParameters Parameters(string value) => plan.Activations.First(activation => activation.Value == value).Parameters;

    /// <summary>Whether a value is written as bytes that no layer reads: for what layers read, they are charged themselves.</summary>
    private bool IsWritten(string value) => plan.Activations.Any(activation => activation.FromInt8 && activation.Value == value)
        && !graph.Consumers(value).Any(use => use.Index == 0 && plan.Layers.Any(layer => layer.Node == use.Node && layer.Format == LayerFormat.Int8));

    private void Energy(string value)
    {
        if (!energies.ContainsKey(value))
        {
            energies.Add(value, nodes.SumOfSquares(value));
        }
    }
}
