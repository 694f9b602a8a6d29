using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Values of floating-point types as floats, each rounded to the nearest.</summary>
internal static class FloatConversion
{
    /// <summary>Whether values of a type can become floats here.</summary>
    public static bool IsKnown(DataType type) => type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    /// <summary>How many elements of a known type there are in so many bytes.</summary>
    public static int Count(DataType type, int bytes) => bytes / (type.Bits() / 8);

    /// <param name="type">FLOAT, FLOAT16, BFLOAT16 or DOUBLE.</param>
    /// <param name="bytes">The elements as raw_data has them.</param>
    /// <param name="values">As many floats.</param>
    public static void ToSingles(DataType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case DataType.Float:
                LittleEndian.Values<float>(bytes).CopyTo(values);
                break;
            case DataType.Float16:
                TensorPrimitives.ConvertToSingle(LittleEndian.Values<Half>(bytes), values);
                break;
            case DataType.Double:
                TensorPrimitives.ConvertTruncating(LittleEndian.Values<double>(bytes), values);
                break;
            case DataType.Bfloat16:
                Widen(LittleEndian.Values<ushort>(bytes), values);
                break;
            default:
                throw new ArgumentException($"{type} is not converted to FLOAT.", nameof(type));
        }
    }

    // The upper half of a float.
    private static void Widen(ReadOnlySpan<ushort> source, Span<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        for (var i = 0; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }
}
