namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A range of a file that holds the bytes of a tensor.</summary>
internal readonly record struct FileRange(MappedFile File, long Offset, int Length);
