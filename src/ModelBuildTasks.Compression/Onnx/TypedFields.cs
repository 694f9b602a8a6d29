using Google.Protobuf.Collections;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>
/// The fields of a tensor that hold its values instead of raw_data, one per group of element types (TensorProto in the specification).
/// </summary>
internal static class TypedFields
{
    /// <summary>The values as raw_data would have them; empty for STRING and unknown types.</summary>
    public static ReadOnlySpan<byte> Pack(TensorProto tensor) => tensor.ElementType() switch
    {
        DataType.Float or DataType.Complex64 => LittleEndian.Bytes<float>(Array(tensor.FloatData)),
        DataType.Double or DataType.Complex128 => LittleEndian.Bytes<double>(Array(tensor.DoubleData)),
        DataType.Int64 => LittleEndian.Bytes<long>(Array(tensor.Int64Data)),
        DataType.Uint64 => LittleEndian.Bytes<ulong>(Array(tensor.Uint64Data)),
        DataType.Uint32 => LittleEndian.Bytes<uint>(System.Array.ConvertAll(Array(tensor.Uint64Data), value => (uint)value)),
        DataType.Int32 => LittleEndian.Bytes<int>(Array(tensor.Int32Data)),
        var type when type.Bits() == 16 =>
            LittleEndian.Bytes<ushort>(System.Array.ConvertAll(Array(tensor.Int32Data), value => (ushort)value)),

        // One int32 for each byte, also where a byte packs several elements.
        var type when type.Bits() is > 0 and <= 8 => System.Array.ConvertAll(Array(tensor.Int32Data), value => (byte)value),
        _ => [],
    };

    /// <summary>Bytes that raw_data would have for what the typed field really holds.</summary>
    public static long SizeInBytes(TensorProto tensor) => tensor.ElementType() switch
    {
        DataType.Float or DataType.Complex64 => sizeof(float) * (long)tensor.FloatData.Count,
        DataType.Double or DataType.Complex128 => sizeof(double) * (long)tensor.DoubleData.Count,
        DataType.Int64 => sizeof(long) * (long)tensor.Int64Data.Count,
        DataType.Uint64 => sizeof(ulong) * (long)tensor.Uint64Data.Count,
        DataType.Uint32 => sizeof(uint) * (long)tensor.Uint64Data.Count,
        var type => Math.Max(type.Bits() / 8, 1) * (long)tensor.Int32Data.Count,
    };

    private static T[] Array<T>(RepeatedField<T> field)
    {
        var values = new T[field.Count];
        field.CopyTo(values, 0);
        return values;
    }
}
