using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// Gives each layer the format that is assigned to it, or the next that it can have. Weights and activations as bytes with scales from calibration (Jacob et al. 2018, "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference") are written as QuantizeLinear and DequantizeLinear; layers that cannot compute on bytes, or not faster, still store their weights as bytes.
/// </summary>
/// <param name="formats">What each layer is to be.</param>
internal sealed class PostTrainingQuantization(FormatAssignment formats) : ICompressionPass
{
    /// <inheritdoc/>
    public string Name => formats.Default.Preferred == LayerFormat.Shared ? "sharing" : "quantization";

    /// <summary>What each layer is to be.</summary>
    public FormatAssignment Formats => formats;

    /// <summary>Whether what computes on bytes is written as integer operators (<see cref="QOperatorWriter"/>), and not as float operators between DequantizeLinear and QuantizeLinear.</summary>
    public bool AsOperators { get; init; }

    /// <summary>Rounds weights.</summary>
    public IWeightRounder Rounder { get; init; } = NearestRounder.Instance;

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">Activations are to be bytes, and the context has no ranges.</exception>
    public PassResult Apply(OnnxModel model, PassContext context)
    {
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        return formats.MayHave(LayerFormat.Int8) || formats.MayHave(LayerFormat.Int16) ? Activations(model, graph, context) : Weights(model, graph, context);
    }

    /// <summary>Brings a graph into the form that plans are made for, without changing what it computes; returns the MatMuls that became a Gemm.</summary>
    public static IReadOnlySet<NodeProto> Prepare(OnnxModel model, OnnxGraph graph, ActivationRanges activations, IReadOnlyList<string> keepFloat, FormatAssignment formats)
    {
        OperatorSetUpgrade.RaiseForActivations(model, graph);
        bool MayBeInt8(NodeProto node) => formats.Of(node).Preferred == LayerFormat.Int8 && !NodePatterns.Match(keepFloat, node.DisplayName());
        return new GemmForms(graph, new ValueShapes(graph, activations.Ranks), model.Opset, MayBeInt8).Apply();
    }

    private PassResult Activations(OnnxModel model, OnnxGraph graph, PassContext context)
    {
        var activations = context.Ranges ?? throw new InvalidOperationException("Static quantization needs the ranges of the activations.");
        var products = Prepare(model, graph, activations, context.KeepFloat, formats);
        var plan = QuantizationPlanner.Plan(graph, model.Opset, activations, context.KeepFloat, context.Device.Costs, formats);
        var int16 = Int16Plan.Of(graph, model.Opset, activations, context.KeepFloat, plan, context.Device.Activations == NumericFormat.Int8);
        PlanTrace.Tell(context.Trace, plan, graph);
        PlanTrace.Tell(context.Trace, int16);
        var decided = plan.Layers.ToDictionary<LayerDecision, NodeProto, LayerFormat>(layer => layer.Node, layer => layer.Format, ReferenceEqualityComparer.Instance);
        LayerFormat Decided(NodeProto node) => decided.TryGetValue(node, out var format) ? format : formats.WithoutRanges(node);
        var storage = new WeightStorage(model, graph, context, Decided, formats, Rounder);
        var dynamic = new DynamicLayers(model, storage, Decided, context.Device.PairBound, activations.Ranks, Rounder);
        dynamic.WriteInner();
        storage.StoreInner();
        dynamic.WriteMain();
        var limits = context.Device.PairBound ? new PairLimits(graph, plan.Absorbed.Values, model.Opset) : null;
        var written = new QdqWriter(graph, plan, new QuantizeNodes(graph, model), context.Device.Activations, limits, storage.Biases, context.Corrections, Rounder).Write(context.CancellationToken);
        new Int16Writer(model, graph, int16).Write();
        storage.ShareWithOthers(graph, written.Stored.Values);
        var reports = new List<LayerReport>();
        foreach (var (node, format, reason) in plan.Layers)
        {
            var report = format switch
            {
                LayerFormat.Int8 => storage.Report(node, format, null, written.Changes[node]),
                LayerFormat.Float => storage.Report(node, format, reason, null),
                LayerFormat.Int16 when int16.Layers.Contains(node) => storage.Store(node, null) with { Format = LayerFormatNames.Of(format) },
                LayerFormat.Int16 => storage.Store(node, int16.WhyNot[node]),
                _ => dynamic.Report(node, reason) ?? storage.Store(node, dynamic.Reason(node, reason)),
            };
            Add(products.Contains(node) ? report with { Op = "MatMul" } : report, node);
        }

        foreach (var node in storage.InnerLayers)
        {
            Add(dynamic.Report(node, WhyInner(node)) ?? storage.Store(node, dynamic.Reason(node, WhyInner(node))), node);
        }

        if (AsOperators)
        {
            new QOperatorWriter(model, graph).Write(plan.Layers.Where(layer => layer.Format == LayerFormat.Int8).Select(layer => layer.Node).Concat(plan.Connectors));
        }

        graph.RemoveUnused();
        graph.Commit();
        return new PassResult(reports, RegionReports.Of(plan.Regions));

        string? WhyInner(NodeProto node) => formats.Of(node).Preferred == LayerFormat.Int8 ? storage.WhyInner(node) : null;

        void Add(LayerReport report, NodeProto node) => reports.Add(Told(report, node, context));
    }

    private PassResult Weights(OnnxModel model, OnnxGraph graph, PassContext context)
    {
        OperatorSetUpgrade.RaiseForWeights(model, graph);
        var storage = new WeightStorage(model, graph, context, formats.WithoutRanges, formats, Rounder);
        var dynamic = new DynamicLayers(model, storage, formats.WithoutRanges, context.Device.PairBound, FrozenDictionary<string, int>.Empty, Rounder);
        dynamic.WriteInner();
        storage.StoreInner();
        dynamic.WriteMain();
        var reports = new List<LayerReport>();
        foreach (var node in storage.MainLayers.Concat(storage.InnerLayers))
        {
            var report = formats.WithoutRanges(node) == LayerFormat.Float ? storage.Report(node, LayerFormat.Float, Reasons.AssignedFloat, null) : dynamic.Report(node, null) ?? storage.Store(node, dynamic.Reason(node, null));
            reports.Add(Told(report, node, context));
        }

        context.Trace?.TellOthers(Reasons.NoWeights);
        graph.RemoveUnused();
        graph.Commit();
        return new PassResult(reports, []);
    }

    private static LayerReport Told(LayerReport report, NodeProto node, PassContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        context.Trace?.Tell(node, report.Format, report.Reason);
        return report;
    }
}
