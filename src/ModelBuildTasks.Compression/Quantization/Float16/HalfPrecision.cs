using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>
/// Weights and activations as float16 (IEEE 754 binary16), for GPUs and NPUs: half the size, and what their execution providers (DirectML, CoreML) compute fastest. Inputs and outputs stay float, and so does
/// what float16 cannot hold.
/// </summary>
internal sealed class HalfPrecision : ICompressionPass
{
    public string Name => "half-precision";

    /// <exception cref="Diagnostics.CompressionException">AIM1006: a weight is NaN or infinite.</exception>
    public PassResult Apply(OnnxModel model, PassContext context)
    {
        var main = model.EditGraph();
        WeightChecks.RequireFinite(model, main);
        OperatorSetUpgrade.RaiseForWeights(model, main);
        var constants = new HalfConstants();
        var plans = Plans(main, model.Opset, context, constants);
        var reports = plans.SelectMany(plan => Reports(plan.Plan, constants)).ToArray();
        Tell(context.Trace, plans.Select(plan => plan.Plan));

        // From the inside out: what is committed inside counts outside.
        foreach (var (plan, types) in plans.AsEnumerable().Reverse())
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            new HalfWriter(plan, types, model.Opset, constants).Write();
            plan.Graph.RemoveUnused();
            plan.Graph.Commit();
        }

        return new PassResult(reports, []);
    }

    private static List<(HalfPlan Plan, ValueTypes Types)> Plans(OnnxGraph main, int opset, PassContext context, HalfConstants constants)
    {
        var plans = new List<(HalfPlan, ValueTypes)>();
        void Plan(OnnxGraph graph, ValueTypes? outer)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var known = new ValueTypes(graph, outer);
            // A name inside may mean another value than the one that was observed.
            var ranges = outer is null && context.Ranges is { } observed ? observed.Ranges : new Dictionary<string, ValueRange>();
            plans.Add((HalfPlanner.Plan(graph, known, opset, ranges, context.KeepFloat, constants), known));
            foreach (var inner in graph.Nodes.SelectMany(graph.Inner))
            {
                Plan(inner, known);
            }
        }

        Plan(main, null);
        return plans;
    }

    private static IEnumerable<LayerReport> Reports(HalfPlan plan, HalfConstants constants)
    {
        var halves = plan.Nodes.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in plan.Graph.Nodes.Where(node => node.IsLayer(plan.Graph)))
        {
            var bytes = Layers.ConstantBytes(node, plan.Graph);
            yield return halves.Contains(node)
                ? Report(node, plan.Graph, bytes, constants)
                : new LayerReport(node.DisplayName(), node.OpType, LayerFormatNames.Of(LayerFormat.Float), null, bytes, bytes, plan.WhyFloat[node]);
        }
    }

    private static LayerReport Report(NodeProto node, OnnxGraph graph, long bytes, HalfConstants constants)
    {
        var tensors = node.Input.Distinct().Select(input => Layers.Source(input, graph)?.Tensor).OfType<TensorProto>().Where(tensor => tensor.ElementType() == TensorProto.Types.DataType.Float).ToArray();
        var change = tensors.Aggregate(default(LayerChange), (sum, tensor) => sum + constants.Change(tensor));
        return new(node.DisplayName(), node.OpType, LayerFormatNames.Of(LayerFormat.Float16), tensors.Length == 0 ? null : change.SqnrDb, bytes, bytes - tensors.Sum(tensor => tensor.SizeInBytes()) + change.Bytes, null);
    }

    private static void Tell(GraphTrace? trace, IEnumerable<HalfPlan> plans)
    {
        foreach (var plan in plans)
        {
            foreach (var node in plan.Nodes)
            {
                trace?.Tell(node, LayerFormatNames.Of(LayerFormat.Float16), null);
            }

            foreach (var (node, reason) in plan.WhyFloat)
            {
                trace?.Tell(node, LayerFormatNames.Of(LayerFormat.Float), reason);
            }
        }
    }
}
