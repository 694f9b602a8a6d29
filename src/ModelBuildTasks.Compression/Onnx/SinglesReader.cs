using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The values of a floating-point tensor as floats (those of FLOAT16, BFLOAT16 and DOUBLE rounded to the nearest), in parts, so that a walk over a weight needs one buffer, however large it is.</summary>
internal sealed class SinglesReader
{
    /// <summary>Elements of the longest part.</summary>
    public const int LongestPart = BytesReader.LargestPart / sizeof(float);

    private readonly ReadOnlyMemory<float> values;
    private readonly BytesReader? bytes;
    private readonly DataType type = DataType.Float;
    private readonly float factor = 1;
    private float[] buffer = [];

    public SinglesReader(ReadOnlyMemory<float> values)
    {
        this.values = values;
        Count = values.Length;
    }

    /// <param name="tensor">The tensor.</param>
    /// <param name="factor">What every value is multiplied with.</param>
    /// <exception cref="InvalidOperationException">The tensor has another element type.</exception>
    public SinglesReader(TensorProto tensor, float factor = 1)
    {
        type = tensor.ElementType();
        bytes = type is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double
            ? new BytesReader(tensor)
            : throw new InvalidOperationException($"The tensor '{tensor.Name}' is {type}, not a floating-point type.");
        Count = bytes.Length / Size;
        this.factor = factor;
    }

    public long Count { get; }

    /// <summary>A part, valid until the next one is read; a view where the values are in memory as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is longer than <see cref="LongestPart"/> or not in the tensor.</exception>
    /// <exception cref="Diagnostics.CompressionException">AIM1001, AIM1002: the file cannot be read any more, or became shorter.</exception>
    public ReadOnlySpan<float> Read(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LongestPart);
        if (type == DataType.Float && factor == 1)
        {
            return Floats(start, count);
        }

        if (buffer.Length < count)
        {
            buffer = new float[Math.Min(Count, LongestPart)];
        }

        var part = buffer.AsSpan(0, count);
        switch (type)
        {
            case DataType.Float16:
                TensorPrimitives.ConvertToSingle(Elements<Half>(start, count), part);
                break;
            case DataType.Double:
                TensorPrimitives.ConvertTruncating(Elements<double>(start, count), part);
                break;
            case DataType.Bfloat16:
                Widen(Elements<ushort>(start, count), part);
                break;
            default:
                Floats(start, count).CopyTo(part);
                break;
        }

        if (factor != 1)
        {
            TensorPrimitives.Multiply(part, factor, part);
        }

        return part;
    }

    /// <summary>Where the parts of all values begin, and their lengths.</summary>
    public IEnumerable<(long Start, int Count)> Parts()
    {
        for (var start = 0L; start < Count; start += LongestPart)
        {
            yield return (start, (int)Math.Min(LongestPart, Count - start));
        }
    }

    private int Size => type.Bits() / 8;

    private ReadOnlySpan<float> Floats(long start, int count) => bytes is null ? values.Span.Slice((int)start, count) : Elements<float>(start, count);

    private ReadOnlySpan<T> Elements<T>(long start, int count)
        where T : unmanaged => LittleEndian.Values<T>(bytes!.Read(start * Size, count * Size).Span);

    // A brain float is the upper half of a float.
    private static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        for (var i = 0; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }
}
