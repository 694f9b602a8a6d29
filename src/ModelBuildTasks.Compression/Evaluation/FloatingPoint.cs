using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Elements of the floating-point types as floats, in which everything is compared.</summary>
internal static class FloatingPoint
{
    public static bool Is(DataType type) => type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    /// <summary>How many elements of a floating-point type there are in so many bytes.</summary>
    public static int Count(DataType type, int bytes) => bytes / type switch
    {
        DataType.Float => sizeof(float),
        DataType.Double => sizeof(double),
        _ => 2,
    };

    /// <summary>Converts little-endian elements of a floating-point type; those of double are rounded to nearest.</summary>
    public static void ToSingle(DataType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case DataType.Float:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case DataType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case DataType.Bfloat16:
                Widen(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            default:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), values);
                break;
        }
    }

    // A bfloat16 is the upper half of a float.
    private static void Widen(ReadOnlySpan<ushort> halves, Span<float> values)
    {
        for (var i = 0; i < halves.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }
    }
}
