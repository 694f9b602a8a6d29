using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>Floating-point tensors of other widths as FLOAT.</summary>
internal static class FloatTensors
{
    /// <summary>The tensor itself where it is FLOAT; else a copy of a FLOAT16, BFLOAT16 or DOUBLE one, each value rounded to the nearest float.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public static TensorProto ToFloat(this TensorProto tensor) => tensor.ElementType() switch
    {
        DataType.Float => tensor,
        DataType.Float16 => Create<Half>(tensor, TensorPrimitives.ConvertToSingle),
        DataType.Double => Create<double>(tensor, TensorPrimitives.ConvertTruncating),
        DataType.Bfloat16 => Create<ushort>(tensor, Widen),
        var type => throw new InvalidOperationException($"The tensor '{tensor.Name}' is {type}, not a floating-point type."),
    };

    private delegate void Conversion<T>(ReadOnlySpan<T> source, Span<float> destination);

    private static TensorProto Create<T>(TensorProto tensor, Conversion<T> convert)
        where T : unmanaged
    {
        var source = LittleEndian.Values<T>(tensor.Bytes());
        var values = new float[source.Length];
        convert(source, values);
        return TensorValues.Create(tensor.Name, values, [.. tensor.Dims]);
    }

    // The upper half of a float.
    private static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        for (var i = 0; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }
}
