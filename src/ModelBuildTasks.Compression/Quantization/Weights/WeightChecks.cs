using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>What must hold before a model's weights are rounded.</summary>
internal static class WeightChecks
{
    /// <exception cref="CompressionException">AIM1006: a constant of a layer holds a NaN or an infinity.</exception>
    public static void RequireFinite(OnnxModel model, OnnxGraph graph)
    {
        var known = new HashSet<TensorProto>(ReferenceEqualityComparer.Instance);
        var sources = graph.WithInner().SelectMany(each => each.Nodes.Where(node => node.IsLayer(each)).SelectMany(node => node.Input).Select(input => Layers.Source(input, each)));
        foreach (var source in sources)
        {
            if (source is { } weight && Layers.IsFloatingPoint(weight.Tensor) && known.Add(weight.Tensor) && !IsFinite(new SinglesReader(weight.Tensor)))
            {
                throw new CompressionException(
                    DiagnosticCodes.WeightNotFinite,
                    model.Path,
                    $"The weight '{weight.Name}' of '{Path.GetFileName(model.Path)}' holds a NaN or an infinity, so that no scale fits it. Export the model again from a training run that converged.");
            }
        }
    }

    private static bool IsFinite(SinglesReader values) => values.Parts().All(part => float.IsFinite(AbsoluteMaximum.Of(values.Read(part.Start, part.Count))));
}
