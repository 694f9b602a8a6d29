using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The sizes of the element types.</summary>
internal static class ElementTypes
{
    /// <summary>
    /// Bits of one element in raw_data; 0 for STRING, UNDEFINED and types newer than the schema, which have no fixed size.
    /// </summary>
    public static int Bits(this DataType type) => type switch
    {
        DataType.Complex128 => 128,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 16,
        DataType.Int8 or DataType.Uint8 or DataType.Bool => 8,
        DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Int4 or DataType.Uint4 or DataType.Float4E2M1 => 4,
        DataType.Int2 or DataType.Uint2 => 2,
        _ => 0,
    };

    /// <summary>
    /// Bytes that a number of elements take in raw_data; elements smaller than a byte are packed, the last byte is padded.
    /// </summary>
    /// <exception cref="OverflowException">The size is beyond 64 bits.</exception>
    public static long Bytes(this DataType type, long count)
    {
        var bits = type.Bits();
        return bits >= 8 ? checked(count * (bits / 8)) : (long)(((Int128)count * bits + 7) / 8);
    }
}
