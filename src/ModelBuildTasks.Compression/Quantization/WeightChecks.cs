using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>What must hold before a model's weights are rounded.</summary>
internal static class WeightChecks
{
    /// <exception cref="CompressionException">AIM1006: a constant of a layer holds a NaN or an infinity.</exception>
    public static void RequireFinite(OnnxModel model, OnnxGraph graph)
    {
        foreach (var name in graph.Nodes.Where(node => node.IsLayer(graph)).SelectMany(node => node.Input).Distinct())
        {
            if (graph.Constant(name) is { } tensor && FloatConversion.IsKnown(tensor.ElementType()) && !IsFinite(new SinglesReader(tensor)))
            {
                throw new CompressionException(
                    DiagnosticCodes.WeightNotFinite,
                    model.Path,
                    $"The weight '{name}' of '{Path.GetFileName(model.Path)}' holds a NaN or an infinity, so that no scale fits it. Export the model again from a training run that converged.");
            }
        }
    }

    private static bool IsFinite(SinglesReader values) => values.Parts().All(part => float.IsFinite(AbsoluteMaximum.Of(values.Read(part.Start, part.Count))));
}
