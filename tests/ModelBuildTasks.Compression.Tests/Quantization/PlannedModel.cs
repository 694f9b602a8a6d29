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
    {
        var model = builder.Build();
        var values = model.Graph.Input.Select(input => input.Name).Concat(model.Graph.Node.SelectMany(node => node.Output));
        var ranges = new ActivationRanges(values.ToDictionary(value => value, _ => new ValueRange(-1, 1)));
        plan = QuantizationPlanner.Plan(new OnnxGraph(model.Graph), (int)model.OpsetImport[0].Version, ranges, keepFloat, costs, FormatAssignment.Int8);
    }

    /// <summary>The layers that compute on bytes, in the order in which they run.</summary>
    public string Int8Layers => string.Join(' ', plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node.Name));

    /// <summary>The other operators that do.</summary>
    public string Connectors => string.Join(' ', plan.Connectors.Select(node => node.Name));

    /// <summary>The activations that are stored as bytes.</summary>
    public string Activations => string.Join(' ', plan.Activations.Select(activation => activation.Value));

    /// <summary>Why a node stays float; null where it does not.</summary>
    public string? Why(string name) => plan.Layers.FirstOrDefault(layer => layer.Node.Name == name)?.Reason ?? plan.WhyFloat.FirstOrDefault(pair => pair.Key.Name == name).Value;
}
