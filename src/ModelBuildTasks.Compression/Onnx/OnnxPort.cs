namespace ModelBuildTasks.Compression.Onnx;

/// <summary>An input or output of a model as its file declares it.</summary>
/// <param name="Name">The name to feed or fetch it by.</param>
/// <param name="ElementType">The number of the element type (TensorProto.DataType: 1 is FLOAT, 2 UINT8, 3 INT8); 0 where it is no tensor.</param>
/// <param name="Shape">The dimensions; null where the rank is not declared.</param>
/// <param name="Quantization">What its integers mean; null where it holds what it says.</param>
internal sealed record OnnxPort(string Name, int ElementType, IReadOnlyList<OnnxDimension>? Shape, PortQuantization? Quantization = null);
