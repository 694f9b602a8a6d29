namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Which files beside the model hold its external data.</summary>
internal static class ExternalDataFiles
{
    /// <summary>The absolute paths, each once, in ordinal order, found by skipping over the wire format: no tensor is read and no protobuf type loaded, since a light MSBuild task calls this.</summary>
    public static IReadOnlyList<string> Of(string modelPath) => throw new NotImplementedException(modelPath);
}
