using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>
/// Static int8 with integer operators only (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"): no node takes or gives floating-point numbers
/// but scales, and the ports of the model are bytes. For devices, and reviews, that want to see no float.
/// </summary>
internal sealed class IntegerOnlyQuantization : ICompressionPass
{
    /// <summary>What reports call the result.</summary>
    public const string Variant = "int8-integer";

    public string Name => "integer-only-quantization";

    /// <summary>Rounds weights.</summary>
    public IWeightRounder Rounder { get; init; } = NearestRounder.Instance;

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite. AIM1010: operators that have to be float.</exception>
    /// <exception cref="InvalidOperationException">The context has no ranges.</exception>
    public PassResult Apply(OnnxModel model, PassContext context)
    {
        var activations = context.Ranges ?? throw new InvalidOperationException("Integer-only quantization needs the ranges of the activations.");
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        OperatorSetUpgrade.RaiseForIntegers(model, graph);
        var ranges = new Dictionary<string, ValueRange>(activations.Ranges);
        var observed = activations with { Ranges = ranges };
        var shapes = new ValueShapes(graph, activations.Ranks);
        var operators = graph.Nodes.ToDictionary<NodeProto, NodeProto, string>(node => node, node => node.OpType, ReferenceEqualityComparer.Instance);
        new GemmForms(graph, shapes, model.Opset, node => !NodePatterns.Match(context.KeepFloat, node.DisplayName())).Apply();
        new IntegerForms(graph, shapes, model.Opset, ranges).Apply(context.KeepFloat);
        var plan = IntegerPlanner.Plan(model, graph, observed, operators, context.KeepFloat);
        PlanTrace.Tell(context.Trace, plan, graph);
        var storage = new WeightStorage(model, graph, context, _ => LayerFormat.Int8Weights, FormatAssignment.Int8Weights, Rounder);
        // A matrix product of two activations is a layer without a weight, a table that is looked up one without a product.
        var layers = plan.Layers.Select(layer => layer.Node).Concat(plan.Connectors).ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var ordered = graph.Nodes.Where(node => node.IsLayer(graph) && layers.Contains(node)).ToArray();
        var limits = context.Device.PairBound ? new PairLimits(graph, plan.Absorbed.Values, model.Opset) : null;
        var changes = new QdqWriter(graph, plan, new QuantizeNodes(graph, model), context.Device.Activations, limits, storage.Biases, context.Corrections, Rounder).Write(context.CancellationToken).Changes;
        var writer = new IntegerWriter(model, graph, shapes, plan);
        writer.Write();
        new IntegerPorts(model, graph).Write();
        var reports = new List<LayerReport>();
        foreach (var node in ordered)
        {
            var change = changes.TryGetValue(node, out var weight) ? weight : writer.Changes.TryGetValue(node, out var constant) ? constant : default(LayerChange?);
            var report = storage.Report(node, LayerFormat.Int8, null, change);
            context.Trace?.Tell(node, report.Format, null);
            reports.Add(report with { Op = operators.GetValueOrDefault(node, report.Op) });
        }

        graph.RemoveUnused();
        graph.Commit();
        return new PassResult(reports, []);
    }
}
