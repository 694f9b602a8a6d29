using System.Numerics.Tensors;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Onnx;

/// <summary>The values of a FLOAT, FLOAT16, BFLOAT16 or DOUBLE tensor as floats, in parts, so that a walk over a weight needs one buffer, however large it is.</summary>
internal sealed class SinglesReader
{
    /// <summary>Elements of the longest part.</summary>
    public const int LongestPart = BytesReader.LargestPart / sizeof(double);

    private readonly ReadOnlyMemory<float> values;
    private readonly BytesReader? bytes;
    private readonly DataType type = DataType.Float;
    private readonly int elementBytes = sizeof(float);
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
        bytes = FloatConversion.IsKnown(type) ? new BytesReader(tensor) : throw new InvalidOperationException($"The tensor '{tensor.Name}' is {type}, not a floating-point type.");
        elementBytes = type.Bits() / 8;
        Count = bytes.Length / elementBytes;
        this.factor = factor;
    }

    public long Count { get; }

    /// <summary>A part, valid until the next one is read; a view where the values are in memory as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is longer than <see cref="LongestPart"/> or not in the tensor.</exception>
    /// <exception cref="Diagnostics.CompressionException">AIM1001, AIM1002: the file cannot be read any more, or became shorter.</exception>
    public ReadOnlySpan<float> Read(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LongestPart);
        if (bytes is null)
        {
            return values.Span.Slice((int)start, count);
        }

        var part = bytes.Read(start * elementBytes, count * elementBytes).Span;
        if (type == DataType.Float && factor == 1)
        {
            return LittleEndian.Values<float>(part);
        }

        if (buffer.Length < count)
        {
            buffer = new float[Math.Min(Count, LongestPart)];
        }

        var singles = buffer.AsSpan(0, count);
        FloatConversion.ToSingles(type, part, singles);
        if (factor != 1)
        {
            TensorPrimitives.Multiply(singles, factor, singles);
        }

        return singles;
    }

    /// <summary>Where the parts of all values begin, and their lengths.</summary>
    public IEnumerable<(long Start, int Count)> Parts()
    {
        for (var start = 0L; start < Count; start += LongestPart)
        {
            yield return (start, (int)Math.Min(LongestPart, Count - start));
        }
    }
}
