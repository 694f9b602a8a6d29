using Microsoft.ML.OnnxRuntime.Tensors;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Execution;

/// <summary>Element types in ONNX Runtime's terms and in the specification's: both count the same way.</summary>
internal static class ElementTypes
{
    public static TensorProto.Types.DataType ToOnnx(this TensorElementType type) => (TensorProto.Types.DataType)(int)type;

    public static TensorElementType ToRuntime(this TensorProto.Types.DataType type) => (TensorElementType)(int)type;

    /// <summary>Bytes of one element; 0 for types whose elements are no whole bytes (strings, 2 and 4 bits).</summary>
    public static int SizeInBytes(this TensorProto.Types.DataType type) => type switch
    {
        TensorProto.Types.DataType.Bool or TensorProto.Types.DataType.Int8 or TensorProto.Types.DataType.Uint8 => 1,
        TensorProto.Types.DataType.Float8E4M3Fn or TensorProto.Types.DataType.Float8E4M3Fnuz => 1,
        TensorProto.Types.DataType.Float8E5M2 or TensorProto.Types.DataType.Float8E5M2Fnuz or TensorProto.Types.DataType.Float8E8M0 => 1,
        TensorProto.Types.DataType.Int16 or TensorProto.Types.DataType.Uint16 or TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Bfloat16 => 2,
        TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Uint32 or TensorProto.Types.DataType.Float => 4,
        TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Uint64 or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Complex64 => 8,
        TensorProto.Types.DataType.Complex128 => 16,
        _ => 0,
    };
}
