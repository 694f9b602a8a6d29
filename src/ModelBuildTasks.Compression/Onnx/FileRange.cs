namespace ModelBuildTasks.Compression.Onnx;

/// <summary>A range of a file that holds the bytes of a tensor; it may exceed 2 GiB.</summary>
internal readonly record struct FileRange(MappedFile File, long Offset, long Length);
