using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>What is judged for a compressed model: the model itself, or a form of it that rounds on this host as its device does.</summary>
internal static class JudgedModel
{
    /// <summary>Opens it.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="compressedPath">The compressed model.</param>
    /// <param name="passes">What the passes made of it.</param>
    /// <param name="settings">How.</param>
    public static ModelSession Open(CompressionRequest request, string compressedPath, PassesOutcome passes, SessionSettings settings)
    {
        if (passes.Variant != LayerFormatNames.Of(LayerFormat.Float16))
        {
            return ModelSession.Open(compressedPath, settings);
        }

        using var work = WorkFolder.Create(request.CacheFolder);
        var rounded = Path.Combine(work.Path, "rounded.onnx");
        using (var model = OnnxModel.Load(compressedPath, request.ModelPath, work.Path))
        {
            HalfEmulation.Apply(model);
            model.Save(rounded);
        }

        return ModelSession.Open(rounded, settings with { ReportedPath = request.ModelPath });
    }
}
