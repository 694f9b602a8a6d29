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
    public static ModelSession Open(CompressionVariant variant, ResultCache cache, SessionSettings settings) =>
        IsRounded(variant) ? OpenMade(variant, cache, settings, work => Rounded(Shipped(variant, cache), variant.Request, work)) : OpenTimed(variant, cache, settings);

    /// <summary>Opens what takes as long as the compressed model does on this host: that itself, or the form of it that takes and gives floats.</summary>
    /// <inheritdoc cref="Open"/>
    // Integers only are judged, and timed, with the conversions that an application makes; from the .onnx file, also where the .ort file is what is shipped.
    public static ModelSession OpenTimed(CompressionVariant variant, ResultCache cache, SessionSettings settings) =>
        variant.Request.IntegerOnly
            ? OpenMade(variant, cache, settings, work => FloatPorts.Write(cache.Model(variant.Keys.Compression), work.Path))
            : ModelSession.Open(Shipped(variant, cache), settings);

    /// <summary>Whether the roundings of a model are written down before it is judged.</summary>
    public static bool IsRounded(CompressionVariant variant) => variant.Passes.Variant == LayerFormatNames.Of(LayerFormat.Float16);

    private static string Shipped(CompressionVariant variant, ResultCache cache) => cache.Model(variant.Keys.Compression, variant.Request.Format.Extension());

    private static ModelSession OpenMade(CompressionVariant variant, ResultCache cache, SessionSettings settings, Func<WorkFolder, string> make)
    {
        // The runtime keeps a model in memory: the files may go.
        using var work = WorkFolder.Create(cache.Folder);
        return ModelSession.Open(make(work), settings with { ReportedPath = variant.Request.ModelPath });
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
