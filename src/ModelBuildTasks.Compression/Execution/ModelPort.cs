using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>An input or output of a model as ONNX Runtime sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions; -1 where dynamic.</param>
internal sealed record ModelPort(string Name, TensorProto.Types.DataType Type, long[] Shape);
