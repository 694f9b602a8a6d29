using Microsoft.ML.OnnxRuntime.Tensors;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Element types in ONNX Runtime's terms and in the specification's: both count the same way.</summary>
internal static class ElementTypes
{
    public static TensorProto.Types.DataType ToOnnx(this TensorElementType type) => (TensorProto.Types.DataType)(int)type;

    public static TensorElementType ToRuntime(this TensorProto.Types.DataType type) => (TensorElementType)(int)type;

    /// <summary>Bytes of one element; 0 for types whose elements are no whole bytes (strings, 2 and 4 bits).</summary>
    public static int SizeInBytes(this TensorProto.Types.DataType type) => type.Bits() / 8;
}
