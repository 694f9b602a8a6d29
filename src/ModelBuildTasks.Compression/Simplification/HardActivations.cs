using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Simplification;

/// <summary>
/// Makes HardSwish (Howard et al. 2019, "Searching for MobileNetV3") and HardSigmoid one operator where they are written as sums, limits and products: each of these walks over the whole activation, and none but the
/// operator is computed within the convolution before it.
/// </summary>
internal static class HardActivations
{
    /// <summary>The first version with the operator HardSwish.</summary>
    public const int FirstOpsetOfHardSwish = 14;

    private const float Sixth = 1 / 6f;

    /// <summary>Whether a graph has a HardSwish that is not one operator.</summary>
    public static bool HasHardSwish(OnnxGraph graph) => graph.Nodes.Any(node => HardSwishSource(node, graph) is not null);

    /// <summary>Makes them one operator; HardSwish becomes two below operator set 14.</summary>
    /// <param name="graph">The graph to edit.</param>
    /// <param name="opset">The version of the default operator set.</param>
    public static void Apply(OnnxGraph graph, int opset)
    {
        foreach (var node in graph.Nodes)
        {
            // What went into an activation is gone.
            if (graph.Producer(node.Output.FirstOrDefault() ?? "") != node)
            {
                continue;
            }

            if (HardSwishSource(node, graph) is { } source)
            {
                WriteHardSwish(node, source, graph, opset);
                graph.RemoveUnused();
            }
            else if (HardSigmoid(node, graph) is { } gate)
            {
                Replace(node, NewHardSigmoid(gate.Source, node.Output[0], (float)gate.Alpha, (float)gate.Beta, node.Name), graph);
                graph.RemoveUnused();
            }
        }
    }

    /// <summary>x where a node gives x · clip(x + 3, 0, 6) / 6.</summary>
    private static string? HardSwishSource(NodeProto node, OnnxGraph graph)
    {
        if (Factors.Of(node, graph) is not { Values: [var first, var second] } factors)
        {
            return null;
        }

        return IsHardSwish(first, second) ? first : IsHardSwish(second, first) ? second : null;

        bool IsHardSwish(string source, string gateValue) => graph.PrivateProducer(gateValue) is { } inner
            && HardGate.Of(inner, graph) is { IsOfHardSwish: true } gate && gate.Source == source && HardGate.IsOne(factors.Number * gate.Factor);
    }

    /// <summary>The gate where a node gives clip(alpha · x + beta, 0, 1) in more than one operator.</summary>
    private static HardGate? HardSigmoid(NodeProto node, OnnxGraph graph)
    {
        if (Factors.Of(node, graph) is { Values: [var value] } factors)
        {
            return graph.PrivateProducer(value) is { } inner && HardGate.Of(inner, graph) is { } scaled && HardGate.IsOne(factors.Number * scaled.Factor) ? scaled : null;
        }

        // A Clip alone is one operator already.
        return node.OpType != "HardSigmoid" && HardGate.Of(node, graph) is { Factor: 1 } gate && gate is not { Alpha: 1, Beta: 0 } ? gate : null;
    }

    private static void WriteHardSwish(NodeProto node, string source, OnnxGraph graph, int opset)
    {
        if (opset >= FirstOpsetOfHardSwish)
        {
            Replace(node, NewNode.Of("HardSwish", [source], node.Output[0], node.Name), graph);
            return;
        }

        if (node.Input.Any(input => graph.Producer(input)?.IsStandard("HardSigmoid") == true))
        {
            // Two operators already.
            return;
        }

        var gate = graph.UniqueName(ValueNames.Stem(node.Output[0]) + "_gate");
        Replace(node, NewNode.Of("Mul", [source, gate], node.Output[0], node.Name), graph);
        graph.Add(NewHardSigmoid(source, gate, Sixth, 0.5f, ""));
    }

    private static NodeProto NewHardSigmoid(string source, string output, float alpha, float beta, string name) =>
        NewNode.Of("HardSigmoid", [source], output, name).With("alpha", alpha).With("beta", beta);

    private static void Replace(NodeProto node, NodeProto replacement, OnnxGraph graph)
    {
        graph.Remove(node);
        graph.Add(replacement);
    }
}
