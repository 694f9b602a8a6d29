using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// The values whose ranges a plan may ask for, whatever the options: what calibration must observe. All others it may leave to the runtime, which then fuses operators and reuses memory as in an application.
/// </summary>
/// <remarks>It is told from the graph before calibration, and so without ranges, options and ranks: each rule is as wide as the one of <see cref="QuantizationPlanner"/> that it stands for, or wider.</remarks>
internal sealed class ObservedActivations
{
    private readonly OnnxGraph graph;
    private readonly IReadOnlyList<NodeProto> nodes;
    private readonly HashSet<NodeProto> connectors = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> observed = new(StringComparer.Ordinal);

    private ObservedActivations(OnnxGraph graph)
    {
        this.graph = graph;
        nodes = graph.Nodes;
        // Of any version, as the operator set may be raised.
        connectors.UnionWith(nodes.Where(node => ConnectorRules.WhyNot(node, int.MaxValue) is null));
        while (DropUnconnected())
        {
        }
    }

    /// <summary>The values of a graph.</summary>
    public static IReadOnlySet<string> Of(OnnxGraph graph)
    {
        var activations = new ObservedActivations(graph);
        activations.Observe();
        return activations.observed;
    }

    private void Observe()
    {
        observed.UnionWith(graph.Proto.Input.Concat(graph.Proto.Output).Where(value => value.Type?.TensorType?.ElemType == (int)DataType.Float).Select(value => value.Name));
        foreach (var node in nodes)
        {
            if (IsLayer(node))
            {
                observed.Add(node.Input[0]);
                observed.UnionWith(UnequalBranches.Branches(node.Input[0], graph));
            }

            if (IsConvolution(node) || connectors.Contains(node) && !ConnectorRules.KeepsScale(node))
            {
                observed.UnionWith(node.Output.Select(EffectiveOutput));
                observed.UnionWith(node.OpType == "Concat" ? node.Input : []);
            }
            else if (IsLayer(node) && node.OpType != "Conv" && Absorption.Of(Sum(node.Output[0]), graph) is { } clip)
            {
                observed.Add(clip.Output[0]);
            }
        }
    }

    private bool IsLayer(NodeProto node) => node.IsStandard() && node.OpType is "Conv" or "Gemm" or "MatMul" && Layers.Source(node.InputOrEmpty(1), graph) is not null && graph.Constant(node.InputOrEmpty(0)) is null;

    private bool IsConvolution(NodeProto node) => node.OpType == "Conv" && IsLayer(node);

    private string EffectiveOutput(string output) => Absorption.Of(output, graph)?.Output[0] ?? output;

    // The bias of a matrix product may be a sum behind it.
    private string Sum(string product) => graph.Consumers(product) is [{ Node: var next, Index: >= 0 }] && next.IsStandard("Add") ? next.Output[0] : product;

    private bool IsWanted(string value) => graph.Consumers(value).Any(use => use.Index == 0 && IsLayer(use.Node)
        || use.Index >= 0 && connectors.Contains(use.Node) && ConnectorRules.Activations(use.Node).Contains(value));

    private bool DropUnconnected()
    {
        var available = new HashSet<string>();
        var dropped = false;
        foreach (var node in nodes)
        {
            var isConnector = connectors.Contains(node);
            if (isConnector && (!ConnectorRules.Activations(node).All(available.Contains) || !node.Output.Any(output => IsWanted(output) || IsWanted(EffectiveOutput(output)))))
            {
                connectors.Remove(node);
                dropped = true;
            }
            else if (isConnector || IsConvolution(node))
            {
                available.UnionWith(node.Output);
                available.UnionWith(node.Output.Select(EffectiveOutput));
            }
        }

        return dropped;
    }
}
