using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Quantization;

/// <summary>What a plan makes of a graph all of whose values lie between −1 and 1, but for those that are told.</summary>
internal static class PlannedGraph
{
    public static QuantizationPlan Of(ModelProto model, OnnxGraph graph, CostTable costs, IReadOnlyList<string>? keepFloat = null, IReadOnlyDictionary<string, ValueRange>? ranges = null, FormatAssignment? formats = null)
    {
        var values = model.Graph.Input.Select(input => input.Name).Concat(model.Graph.Node.SelectMany(node => node.Output));
        var activations = new ActivationRanges(values.ToDictionary(value => value, value => ranges?.GetValueOrDefault(value, new ValueRange(-1, 1)) ?? new ValueRange(-1, 1)));
        return QuantizationPlanner.Plan(graph, (int)model.OpsetImport[0].Version, activations, keepFloat ?? [], costs, formats ?? FormatAssignment.Int8);
    }
}
