using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Float16;

/// <summary>The values whose ranges <see cref="HalfPrecision"/> asks for: whatever could become float16, since each of them could leave its range.</summary>
internal static class HalfActivations
{
    /// <summary>Those values, and the ones that other passes ask for: the ranges file then serves them too.</summary>
    public static IReadOnlySet<string> Of(OnnxGraph graph, int opset)
    {
        var observed = new HashSet<string>(ObservedActivations.Of(graph), StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (HalfOperators.Form(node, opset) is { } form)
            {
                observed.UnionWith(form.InputsOf(node).Select(input => node.Input[input]).Where(input => graph.Constant(input) is null));
                observed.UnionWith(form.OutputsOf(node).Select(output => node.Output[output]));
            }
        }

        return observed;
    }
}
