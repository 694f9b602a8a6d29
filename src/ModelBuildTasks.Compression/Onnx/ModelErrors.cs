using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The errors of reading a model, in one wording.</summary>
internal static class ModelErrors
{
    public static CompressionException Unreadable(string path, Exception exception) => new(
        DiagnosticCodes.ModelUnreadable,
        path,
        $"The model '{path}' cannot be read ({exception.Message.TrimEnd('.')}). Check the path in the AiModel item and the rights to the file.",
        exception);

    public static CompressionException NotAModel(string path, Exception exception) => NotAModel(path, exception.Message, exception);

    public static CompressionException NotAModel(string path, string reason, Exception? exception = null) => new(
        DiagnosticCodes.NotAnOnnxModel,
        path,
        $"'{path}' is not a valid ONNX model: {reason.TrimEnd('.')}. "
        + "Export or download it again, and check that it is the model itself and not a pointer file of a large-file store.",
        exception);

    public static CompressionException TooLarge(string path, string what, string remedy) => new(
        DiagnosticCodes.ModelTooLarge,
        path,
        $"'{path}' cannot be compressed: {what}, and one ONNX file must stay below 2 GiB. {remedy}");

    public static CompressionException ResultTooLarge(string path, long size) => TooLarge(
        path,
        $"the result would be one file of {size} bytes",
        "Quantize=\"int8\" makes a float model a quarter of its size; KeepFloat takes room away from that. Else split the model into several.");

    public static CompressionException ScratchNotWritable(string path, Exception exception) => new(
        DiagnosticCodes.OutputNotWritable,
        path,
        $"The temporary file '{path}' cannot be written ({exception.Message.TrimEnd('.')}). Free space or grant access, then build again.",
        exception);

    public static CompressionException ExternalDataOutsideFolder(string path, string location) => new(
        DiagnosticCodes.ExternalDataOutsideFolder,
        path,
        $"The external data '{location}' of '{path}' is not in the model's folder, and other files are not read. "
        + "Move the file beside the model and export the model with a relative path.");

    public static CompressionException ExternalDataMissing(string path, string location, string what, Exception? exception = null) => new(
        DiagnosticCodes.ExternalDataMissing,
        path,
        $"The external data '{location}' of '{path}' {what.TrimEnd('.')}. Copy the whole file to the model's folder.",
        exception);
}
