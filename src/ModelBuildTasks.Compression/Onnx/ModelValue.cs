namespace ModelBuildTasks.Compression.Onnx;

/// <summary>What goes into a running model: a tensor, text or a sequence.</summary>
internal abstract record ModelValue;
