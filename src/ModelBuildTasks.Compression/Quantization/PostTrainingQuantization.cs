using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Gives each layer the format that is assigned to it, or the next that it can have. Weights and activations as bytes with scales from calibration (Jacob et al. 2018, "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference") are written as QuantizeLinear and DequantizeLinear; layers that cannot compute on bytes, or not faster, still store their weights as bytes.
/// </summary>
/// <param name="formats">What each layer is to be.</param>
internal sealed class PostTrainingQuantization(FormatAssignment formats) : ICompressionPass
{
    public string Name => "quantization";

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">Activations are to be bytes, and the context has no ranges.</exception>
    public IReadOnlyList<LayerReport> Apply(OnnxModel model, PassContext context)
    {
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        return formats.MayHave(LayerFormat.Int8) ? Activations(model, graph, context) : Weights(model, graph, context);
    }

    private List<LayerReport> Activations(OnnxModel model, OnnxGraph graph, PassContext context)
    {
        var activations = context.Ranges ?? throw new InvalidOperationException("Static quantization needs the ranges of the activations.");
        OperatorSetUpgrade.RaiseForActivations(model, graph);
        bool MayBeInt8(NodeProto node) => formats.Of(node).Preferred == LayerFormat.Int8 && !NodePatterns.Match(context.KeepFloat, node.DisplayName());
        var products = new GemmForms(graph, new ValueShapes(graph, activations.Ranks), model.Opset, MayBeInt8).Apply();
        var plan = QuantizationPlanner.Plan(graph, model.Opset, activations, context.KeepFloat, context.Device.Costs, formats);
        PlanTrace.Tell(context.Trace, plan, graph);
        context.OnRegions?.Invoke(RegionReports.Of(plan.Regions));
        var storage = new WeightStorage(graph, model.Opset, context.KeepFloat);
        storage.StoreInner();
        var limits = context.Device.PairBound ? new PairLimits(graph, plan.Absorbed.Values, model.Opset) : null;
        var writer = new QdqWriter(graph, plan, new QuantizeNodes(graph, model), context.Device.Activations, limits);
        var changes = writer.Write(context.CancellationToken);
        storage.ShareWithOthers(writer.Stored.Values);
        var reports = new List<LayerReport>();
        foreach (var (node, format, reason) in plan.Layers)
        {
            var report = format switch
            {
                LayerFormat.Int8 => storage.Report(node, format, null, changes[node]),
                LayerFormat.Float => storage.Report(node, format, reason, null),
                _ => storage.Store(node, reason),
            };
            Add(products.Contains(node) ? report with { Op = "MatMul" } : report, node);
        }

        foreach (var node in storage.InnerLayers)
        {
            Add(storage.Store(node, storage.WhyInner(node)), node);
        }

        graph.RemoveUnused();
        graph.Commit();
        return reports;

        void Add(LayerReport report, NodeProto node) => reports.Add(Told(report, node, context));
    }

    private static List<LayerReport> Weights(OnnxModel model, OnnxGraph graph, PassContext context)
    {
        OperatorSetUpgrade.RaiseForWeights(model, graph);
        var storage = new WeightStorage(graph, model.Opset, context.KeepFloat);
        storage.StoreInner();
        var reports = new List<LayerReport>();
        foreach (var node in storage.MainLayers.Concat(storage.InnerLayers))
        {
            reports.Add(Told(storage.Store(node, null), node, context));
        }

        context.Trace?.TellOthers(Reasons.NoWeights);
        graph.RemoveUnused();
        graph.Commit();
        return reports;
    }

    private static LayerReport Told(LayerReport report, NodeProto node, PassContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        context.Trace?.Tell(node, report.Format, report.Reason);
        return report;
    }
}
