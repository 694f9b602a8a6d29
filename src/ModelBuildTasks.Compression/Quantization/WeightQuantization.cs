using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Stores weights as bytes and computes in float: about four times smaller, as fast as before, without calibration data.</summary>
internal sealed class WeightQuantization : ICompressionPass
{
    public string Name => "weight-quantization";

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite.</exception>
    public IReadOnlyList<LayerReport> Apply(OnnxModel model, PassContext context)
    {
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        OperatorSetUpgrade.RaiseForWeights(model, graph);
        var storage = new WeightStorage(graph, model.Opset, context.KeepFloat);
        storage.StoreInner();
        var reports = new List<LayerReport>();
        foreach (var node in storage.MainLayers.Concat(storage.InnerLayers))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var report = storage.Store(node, null);
            context.Trace?.Tell(node, report.Format, report.Reason);
            reports.Add(report);
        }

        context.Trace?.TellOthers(Reasons.NoWeights);
        graph.RemoveUnused();
        graph.Commit();
        return reports;
    }
}
