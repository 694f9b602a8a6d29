using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// The assignments of a model, each the best one for a price of noise: what the plan then minimises is cost + price · noise (the Lagrangian of the least cost at a given accuracy), over formats of layers and over
/// which operators compute on bytes together.
/// </summary>
internal sealed class CandidateSpace
{
    /// <summary>What a byte of the file counts, in nanoseconds of a run, beside the time.</summary>
    private const double ByteInLatency = 1;

    /// <summary>What it counts where size comes first: a byte more has to save 10 µs.</summary>
    private const double ByteInSize = 10_000;

    /// <summary>What the table does not tell is faster where the format is possible at all (<see cref="DynamicRules"/>), nobody knows by how much.</summary>
    private const double UnknownGain = 1;

    private readonly OnnxGraph graph;
    private readonly int opset;
    private readonly SearchedModel searched;
    private readonly double costOfByte;
    private readonly OrderedDictionary<string, Layer> layers = [];

    /// <summary>A layer that the search may give a format.</summary>
    /// <param name="Noise">What its formats do.</param>
    /// <param name="Elements">Of its weights.</param>
    /// <param name="Scales">Of its weights.</param>
    /// <param name="DynamicGain">Nanoseconds by which it is faster in int8-dynamic than in float.</param>
    /// <param name="IsTimed">Whether the cost table knows what it takes on bytes and in float.</param>
    private sealed record Layer(LayerNoise Noise, long Elements, long Scales, double DynamicGain, bool IsTimed);

    /// <param name="model">The simplified model; it is prepared for plans and must not be edited afterwards.</param>
    /// <param name="searched">What it is.</param>
    /// <param name="noises">The noise of its layers.</param>
    /// <param name="goal">What is minimised.</param>
    public CandidateSpace(OnnxModel model, SearchedModel searched, IReadOnlyList<LayerNoise> noises, OptimizationGoal goal)
    {
        this.searched = searched;
        costOfByte = goal == OptimizationGoal.Size ? ByteInSize : ByteInLatency;
        graph = model.EditGraph();
        PostTrainingQuantization.Prepare(model, graph, searched.Ranges, searched.Context.KeepFloat, FormatAssignment.Int8);
        opset = model.Opset;
        graph.Commit();
        var nodes = graph.Nodes.GroupBy(node => node.DisplayName()).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var costs = new LayerCosts(graph, new ActivationSizes(graph, new ValueShapes(graph, searched.Ranges.Ranks)), searched.Context.Device.Costs);
        foreach (var noise in noises)
        {
            var node = nodes[noise.Layer];
            var weights = Layers.Weights(node, graph);
            var gain = costs.Of(node, LayerFormat.Int8Dynamic) is { } onBytes && costs.Of(node, LayerFormat.Float) is { } inFloat ? inFloat - onBytes : UnknownGain;
            var isTimed = costs.Of(node, LayerFormat.Int8) is not null && costs.Of(node, LayerFormat.Float) is not null;
            layers.Add(noise.Layer, new Layer(noise, weights.Sum(weight => weight.Tensor.ElementCount()), weights.Sum(weight => weight.Axis.Channels), gain, isTimed));
        }
    }

    /// <summary>The bytes of all weights in float.</summary>
    public double FloatBytes => layers.Values.Sum(layer => Bytes(layer, LayerFormat.Float));

    /// <summary>The time of a run in float, as the cost table has it; 0 without a table.</summary>
    public double FloatNanoseconds => Of(layers.ToDictionary(layer => layer.Key, _ => LayerFormat.Float, StringComparer.Ordinal)).Nanoseconds;

    /// <summary>The cheapest assignment at a price of noise.</summary>
    /// <param name="price">Nanoseconds for a noise-to-signal ratio of 1 at the outputs.</param>
    public Candidate At(double price) => Plan(layers.ToDictionary(layer => layer.Key, layer => Choice(layer.Value, price), StringComparer.Ordinal));

    /// <summary>The assignment of given formats, as far as they can be had.</summary>
    public Candidate Of(IReadOnlyDictionary<string, LayerFormat> formats) => Plan(formats.ToDictionary(
        each => each.Key,
        each => each.Value == LayerFormat.Int8 ? new LayerChoice(LayerFormat.Int8) : new LayerChoice(each.Value, each.Value),
        StringComparer.Ordinal));

    /// <summary>What is minimised.</summary>
    public double Cost(Candidate candidate) => candidate.Nanoseconds + (costOfByte * candidate.Bytes);

    /// <summary>The noise-to-signal ratio at the outputs that an assignment is expected to have.</summary>
    public double Noise(Candidate candidate) => candidate.Layers.Sum(layer => NoiseOf(layer.Key, layer.Value));

    /// <summary>Whether a layer can have a format at all.</summary>
    public bool CanBe(string layer, LayerFormat format) => format == LayerFormat.Float || layers.TryGetValue(layer, out var known) && known.Noise.Ratios.ContainsKey(format);

    /// <summary>What one layer has in it.</summary>
    public double NoiseOf(string layer, LayerFormat format) => layers.TryGetValue(layer, out var known) ? known.Noise.Of(format) : 0;

    private LayerChoice Choice(Layer layer, double price)
    {
        double CostOf(LayerFormat format) => (costOfByte * Bytes(layer, format)) + (price * layer.Noise.Of(format)) - (format == LayerFormat.Int8Dynamic ? layer.DynamicGain : 0);
        LayerFormat[] offBytes = layer.DynamicGain > 0 && layer.Noise.Ratios.ContainsKey(LayerFormat.Int8Dynamic) ? [LayerFormat.Int8Weights, LayerFormat.Float, LayerFormat.Int8Dynamic] : [LayerFormat.Int8Weights, LayerFormat.Float];
        var otherwise = offBytes.MinBy(CostOf);
        var penalty = CostOf(LayerFormat.Int8) - CostOf(otherwise);
        // The plan computes on bytes whatever the table does not tell, at any penalty.
        return layer.Noise.Ratios.ContainsKey(LayerFormat.Int8) && (layer.IsTimed || penalty <= UnknownGain)
            ? new LayerChoice(LayerFormat.Int8, otherwise, Math.Max(0, penalty))
            : new LayerChoice(otherwise, otherwise);
    }

    private Candidate Plan(IReadOnlyDictionary<string, LayerChoice> choices)
    {
        var formats = new FormatAssignment(new LayerChoice(LayerFormat.Int8Weights)) { Choices = choices };
        var plan = QuantizationPlanner.Plan(graph, opset, searched.Ranges, searched.Context.KeepFloat, searched.Context.Device.Costs, formats);
        var planned = new OrderedDictionary<string, LayerFormat>(StringComparer.Ordinal);
        foreach (var layer in plan.Layers.Where(layer => layers.ContainsKey(layer.Node.DisplayName())))
        {
            planned[layer.Node.DisplayName()] = layer.Format;
        }

        return new Candidate(formats, planned, plan.Nanoseconds - planned.Sum(layer => Untold(layers[layer.Key], layer.Value)), planned.Sum(layer => Bytes(layers[layer.Key], layer.Value)));
    }

    /// <summary>What a format gains of which the time of a plan knows nothing.</summary>
    private static double Untold(Layer layer, LayerFormat format) => format == LayerFormat.Int8Dynamic && layer.DynamicGain == UnknownGain ? UnknownGain : 0;

    private static double Bytes(Layer layer, LayerFormat format) => format == LayerFormat.Float ? sizeof(float) * layer.Elements : layer.Elements + (sizeof(float) * layer.Scales);
}
