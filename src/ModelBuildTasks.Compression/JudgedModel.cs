using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Quantization.Float16;
using ModelBuildTasks.Compression.Quantization.IntegerOnly;

namespace ModelBuildTasks.Compression;

/// <summary>What is judged for a compressed model: the model itself, or a form of it that takes and gives floats, or that rounds on this host as its device does.</summary>
internal static class JudgedModel
{
    /// <summary>Opens it.</summary>
    /// <param name="variant">The compressed model.</param>
    /// <param name="cache">Where it is.</param>
    /// <param name="settings">How.</param>
    public static ModelSession Open(CompressionVariant variant, ResultCache cache, SessionSettings settings)
    {
        var request = variant.Request;
        var path = cache.Model(variant.Keys.Compression, request.Format.Extension());
        var isRounded = variant.Passes.Variant == LayerFormatNames.Of(LayerFormat.Float16);
        if (!request.IntegerOnly && !isRounded)
        {
            return ModelSession.Open(path, settings);
        }

        // The runtime keeps a model in memory: the files may go. Integers only are judged, and timed, with the conversions that an application makes; from the .onnx file, also where the .ort file is what is shipped.
        using var work = WorkFolder.Create(cache.Folder);
        var judged = isRounded ? Rounded(path, request, work) : FloatPorts.Write(cache.Model(variant.Keys.Compression), work.Path);
        return ModelSession.Open(judged, settings with { ReportedPath = request.ModelPath });
    }

    private static string Rounded(string path, CompressionRequest request, WorkFolder work)
    {
        var rounded = Path.Combine(work.Path, "rounded.onnx");
        using var model = OnnxModel.Load(path, request.ModelPath, work.Path);
        HalfEmulation.Apply(model);
        model.Save(rounded);
        return rounded;
    }
}
