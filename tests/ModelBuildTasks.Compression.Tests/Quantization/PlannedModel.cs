using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What a plan makes of a model with a cost table: formats and reasons, and nothing is written.</summary>
internal sealed class PlannedModel
{
    private readonly QuantizationPlan plan;

    public PlannedModel(ModelBuilder builder, CostTable costs, params string[] keepFloat)
        : this(builder, costs, null, keepFloat)
    {
    }

    public PlannedModel(ModelBuilder builder, CostTable costs, IReadOnlyDictionary<string, ValueRange>? ranges, params string[] keepFloat)
    {
        var model = builder.Build();
        plan = PlannedGraph.Of(model, new OnnxGraph(model.Graph), costs, keepFloat, ranges);
    }

    /// <summary>What computes on bytes together, or was dropped together.</summary>
    public IReadOnlyList<PlanRegion> Regions => plan.Regions;

    /// <summary>The layers that compute on bytes, in the order in which they run.</summary>
    public string Int8Layers => string.Join(' ', plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node.Name));

    /// <summary>The other operators that do.</summary>
    public string Connectors => string.Join(' ', plan.Connectors.Select(node => node.Name));

    /// <summary>The activations that are stored as bytes.</summary>
    public string Activations => string.Join(' ', plan.Activations.Select(activation => activation.Value));

    /// <summary>Why a node stays float; null where it does not.</summary>
    public string? Why(string name) => plan.Layers.FirstOrDefault(layer => layer.Node.Name == name)?.Reason ?? plan.WhyFloat.FirstOrDefault(pair => pair.Key.Name == name).Value;
}
