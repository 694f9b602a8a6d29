using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What must hold before a model's weights are rounded.</summary>
internal static class WeightChecks
{
    /// <exception cref="CompressionException">AIM1006: a constant of a layer holds a NaN or an infinity.</exception>
    public static void RequireFinite(OnnxModel model, OnnxGraph graph) => RequireFinite(model, graph, new HashSet<TensorProto>(ReferenceEqualityComparer.Instance));

    private static void RequireFinite(OnnxModel model, OnnxGraph graph, HashSet<TensorProto> known)
    {
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.IsLayer(graph) ? node.Input : [])
            {
                if (Layers.Source(input, graph) is { } source && Layers.IsFloatingPoint(source.Tensor) && known.Add(source.Tensor) && !IsFinite(new SinglesReader(source.Tensor)))
                {
                    throw new CompressionException(
                        DiagnosticCodes.WeightNotFinite,
                        model.Path,
                        $"The weight '{source.Name}' of '{Path.GetFileName(model.Path)}' holds a NaN or an infinity, so that no scale fits it. Export the model again from a training run that converged.");
                }
            }

            foreach (var inner in graph.Inner(node))
            {
                RequireFinite(model, inner, known);
            }
        }
    }

    private static bool IsFinite(SinglesReader values) => values.Parts().All(part => float.IsFinite(AbsoluteMaximum.Of(values.Read(part.Start, part.Count))));
}
