using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// A model with probes: beside each layer stands the same layer in each of its formats, fed with the float input, and a number that is the energy of the difference. One run of it tells the error of every layer in every
/// format, and of its activations nothing but those numbers leaves the runtime.
/// </summary>
/// <remarks>A layer on bytes is computed in float here, from its restored input and weights: the products of an integer kernel are exact, so the result is the same but for the last bits.</remarks>
internal sealed class ProbedModel
{
    private readonly OnnxModel model;
    private readonly OnnxGraph graph;
    private readonly QuantizationPlan plan;
    private readonly ActivationRanges ranges;
    private readonly QuantizeNodes nodes;
    private readonly bool pairBound;
    private readonly List<NoiseProbe> probes = [];
    private readonly Dictionary<string, string> energies = [];

    private ProbedModel(OnnxModel model, OnnxGraph graph, QuantizationPlan plan, ActivationRanges ranges, bool pairBound)
    {
        this.model = model;
        this.graph = graph;
        this.plan = plan;
        this.ranges = ranges;
        this.pairBound = pairBound;
        nodes = new QuantizeNodes(graph, model);
    }

    /// <summary>One for each layer and format.</summary>
    public IReadOnlyList<NoiseProbe> Probes => probes;

    /// <summary>The outputs that are the energy Σ x² of a value, by the value's name.</summary>
    public IReadOnlyDictionary<string, string> Energies => energies;

    /// <summary>Adds probes to a model.</summary>
    /// <param name="model">The model, prepared as for quantization; it is edited.</param>
    /// <param name="graph">Its graph, not edited since the plan was made.</param>
    /// <param name="plan">A plan with all that can compute on bytes.</param>
    /// <param name="ranges">The ranges of its activations.</param>
    /// <param name="pairBound">Whether weights on bytes are bounded in pairs.</param>
    /// <param name="summed">The values of which the energy is to be told beside those of layers.</param>
    public static ProbedModel Of(OnnxModel model, OnnxGraph graph, QuantizationPlan plan, ActivationRanges ranges, bool pairBound, IEnumerable<string> summed)
    {
        var probed = new ProbedModel(model, graph, plan, ranges, pairBound);
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
        var weights = Layers.Weights(layer.Node, graph);
        if (weights.Count == 0 || layer.Node.Output.FirstOrDefault(output => output.Length > 0) is not { } output)
        {
            return;
        }

        var value = plan.Absorbed.TryGetValue(layer.Node, out var clip) ? clip.Output[0] : output;
        Add(LayerFormat.Int8Weights, [.. weights.Select(weight => Restored(weight, bound: null))], null);
        var isBounded = false;
        if (layer.Format == LayerFormat.Int8)
        {
            var bound = pairBound && PairOrder.Of(layer.Node, weights[0]) is { } order ? new PairBound(order, PairBound.LimitFor(byte.MaxValue)) : default(PairBound?);
            isBounded = bound is not null;
            Add(LayerFormat.Int8, [Restored(weights[0], bound)], Stored(layer.Node.Input[0]));
        }

        void Add(LayerFormat format, string[] restored, string? input)
        {
            var probe = layer.Node.Clone();
            probe.Name = "";
            for (var index = 0; index < probe.Output.Count; index++)
            {
                probe.Output[index] = probe.Output[index].Length == 0 ? "" : graph.UniqueName("probe");
            }

            probe.Input[0] = input ?? probe.Input[0];
            for (var index = 0; index < restored.Length; index++)
            {
                probe.Input[weights[index].Input] = restored[index];
            }

            graph.Add(probe);
            var result = probe.Output[layer.Node.Output.IndexOf(output)];
            if (clip is not null)
            {
                var clipped = clip.Clone();
                clipped.Name = "";
                clipped.Input[0] = result;
                clipped.Output[0] = graph.UniqueName("probe");
                graph.Add(clipped);
                result = clipped.Output[0];
            }

            if (format == LayerFormat.Int8 && IsWritten(layer.Node))
            {
                result = Stored(value, result);
            }

            var difference = graph.UniqueName("probe");
            graph.Add(NewNode.Of("Sub", [value, result], difference));
            probes.Add(new NoiseProbe(layer.Node.DisplayName(), format, value, Sum(difference)));
            Energy(value);
        }
    }

    /// <summary>Whether a layer writes bytes that no layer reads: what layers read, they are charged for themselves.</summary>
    private bool IsWritten(NodeProto node) => node.OpType == "Conv" && plan.Activations.Any(activation => activation.FromInt8 && activation.Value == (plan.Absorbed.TryGetValue(node, out var clip) ? clip.Output[0] : node.Output[0])
        && !graph.Consumers(activation.Value).Any(use => use.Index == 0 && plan.Layers.Any(layer => layer.Node == use.Node && layer.Format == LayerFormat.Int8)));

    private string Restored(LayerWeight weight, PairBound? bound)
    {
        var values = new SinglesReader(weight.Tensor);
        var quantized = bound is { } pairs
            ? PairBoundQuantizer.Quantize(values, weight.Axis, pairs, PairBoundQuantizer.Scales(values, weight.Axis, pairs), graph.NewPayload)
            : WeightQuantizer.Quantize(values, weight.Axis, WeightQuantizer.Scales(values, weight.Axis), graph.NewPayload);
        var bytes = graph.AddInitializer(TensorValues.Create(graph.UniqueName("probe"), DataType.Int8, quantized.Values, [.. weight.Tensor.Dims]));
        var scale = graph.AddInitializer(TensorValues.Create(graph.UniqueName("probe"), quantized.Scales, weight.ScaleDims));
        var floats = Added(NewNode.Of("Cast", [bytes], "").With("to", (long)DataType.Float));
        var restored = Added(NewNode.Of("Mul", [floats, scale], ""));
        restored = weight.Tensor.ElementType() == DataType.Float ? restored : Added(NewNode.Of("Cast", [restored], "").With("to", (long)weight.Tensor.ElementType()));
        return weight.IsTransposed ? Added(NewNode.Of("Transpose", [restored], "")) : restored;
    }

    /// <summary>An activation as it is after it was stored as bytes.</summary>
    private string Stored(string value, string? computed = null)
    {
        var stored = plan.Activations.FirstOrDefault(activation => activation.Value == value)?.Parameters ?? ActivationParameters.FromRange(ranges.Ranges[value]);
        var scale = graph.AddInitializer(TensorValues.Create(graph.UniqueName("probe"), [stored.Scale]));
        var zeroPoint = graph.AddInitializer(TensorValues.Create(graph.UniqueName("probe"), [(byte)stored.ZeroPoint]));
        var (quantized, restored) = (graph.UniqueName("probe"), graph.UniqueName("probe"));
        nodes.Quantize(computed ?? value, scale, zeroPoint, quantized);
        nodes.Dequantize(quantized, scale, zeroPoint, restored);
        // Nobody looks through a Max of one operand: behind a DequantizeLinear the runtime would quantize the probe itself.
        return Added(NewNode.Of("Max", [restored], ""));
    }

    private void Energy(string value)
    {
        if (!energies.ContainsKey(value))
        {
            energies.Add(value, Sum(value));
        }
    }

    private string Sum(string value) => Added(NewNode.Of("ReduceSumSquare", [Added(NewNode.Of("Cast", [value], "").With("to", (long)DataType.Float))], "").With("keepdims", 0L));

    private string Added(NodeProto node)
    {
        node.Output[0] = graph.UniqueName("probe");
        graph.Add(node);
        return node.Output[0];
    }
}
