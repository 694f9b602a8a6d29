using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Weights and activations as bytes, with scales from calibration (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
/// Inference"), written as QuantizeLinear and DequantizeLinear. Layers that cannot compute on bytes, or not faster, still store their weights as bytes.
/// </summary>
internal sealed class StaticQuantization : ICompressionPass
{
    public string Name => "static-quantization";

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The context has no ranges.</exception>
    public IReadOnlyList<LayerReport> Apply(OnnxModel model, PassContext context)
    {
        var activations = context.Ranges ?? throw new InvalidOperationException("Static quantization needs the ranges of the activations.");
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        OperatorSetUpgrade.RaiseForActivations(model, graph);
        var products = new GemmForms(graph, new ValueShapes(graph, activations.Ranks), model.Opset, context.KeepFloat).Apply();
        var plan = QuantizationPlanner.Plan(graph, model.Opset, activations, context.KeepFloat, context.Device.Costs);
        PlanTrace.Tell(context.Trace, plan, graph);
        var storage = new WeightStorage(graph, model.Opset, context.KeepFloat);
        storage.StoreInner();
        var limits = context.Device.PairBound ? new PairLimits(graph, plan.Absorbed.Values, model.Opset) : null;
        var writer = new QdqWriter(graph, plan, new QuantizeNodes(graph, model), context.Device.Activations, limits);
        var changes = writer.Write(context.CancellationToken);
        storage.ShareWithOthers(writer.Stored.Values);
        var reports = new List<LayerReport>();
        foreach (var (node, format, reason) in plan.Layers)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var report = format == LayerFormat.Int8 ? storage.Report(node, format, null, changes[node]) : storage.Store(node, reason);
            context.Trace?.Tell(node, report.Format, report.Reason);
            reports.Add(products.Contains(node) ? report with { Op = "MatMul" } : report);
        }

        foreach (var node in storage.InnerLayers)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var report = storage.Store(node, storage.WhyInner(node));
            context.Trace?.Tell(node, report.Format, report.Reason);
            reports.Add(report);
        }

        graph.RemoveUnused();
        graph.Commit();
        return reports;
    }
}
