namespace ModelBuildTasks.Compression;

/// <summary>The file name extensions of formats: the runtime tells its own format by it.</summary>
internal static class ModelFormatExtensions
{
    public static string Extension(this ModelFormat format) => format == ModelFormat.Ort ? ".ort" : ".onnx";
}
