using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>
/// Turns the elements of a NumPy array into the element type of a model's input.
/// A floating-point input takes any number (rounded to nearest); an integer input takes integers and booleans that fit; a boolean input takes booleans and the integers 0 and 1.
/// </summary>
internal static class NumericConversion
{
    public static bool IsFloatingPoint(DataType type) => type is DataType.Float or DataType.Double or DataType.Float16;

    /// <summary>Whether text and NumPy files have numbers that can become the type.</summary>
    public static bool IsKnown(DataType type) => IsFloatingPoint(type) || IsWhole(type);

    /// <summary>Whether the types go together at all; single values may still not fit.</summary>
    public static bool IsPossible(NpyElement from, DataType to) => !from.IsText && (IsFloatingPoint(to) || (IsWhole(to) && from.Kind != 'f'));

    /// <summary>Converts <paramref name="source"/>, whose bytes may be reordered in place, to little-endian elements.</summary>
    /// <exception cref="OverflowException">An integer does not fit.</exception>
    public static void Convert(Span<byte> source, NpyElement from, Span<byte> destination, DataType to)
    {
        if (from.IsBigEndian)
        {
            ReverseElements(source, from.Size);
        }

        switch (from.Kind, from.Size)
        {
            case ('b', _):
                ConvertFrom(NormalizedBooleans(source), destination, to);
                break;
            case ('i', 1):
                ConvertFrom(Cast<sbyte>(source), destination, to);
                break;
            case ('i', 2):
                ConvertFrom(Cast<short>(source), destination, to);
                break;
            case ('i', 4):
                ConvertFrom(Cast<int>(source), destination, to);
                break;
            case ('i', 8):
                ConvertFrom(Cast<long>(source), destination, to);
                break;
            case ('u', 1):
                ConvertFrom<byte>(source, destination, to);
                break;
            case ('u', 2):
                ConvertFrom(Cast<ushort>(source), destination, to);
                break;
            case ('u', 4):
                ConvertFrom(Cast<uint>(source), destination, to);
                break;
            case ('u', 8):
                ConvertFrom(Cast<ulong>(source), destination, to);
                break;
            case ('f', 2):
                ConvertFrom(Cast<Half>(source), destination, to);
                break;
            case ('f', 4):
                ConvertFrom(Cast<float>(source), destination, to);
                break;
            case ('f', 8):
                ConvertFrom(Cast<double>(source), destination, to);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(from), from, "not an element type of numbers");
        }
    }

    /// <summary>The position of the first NaN or infinity of a floating-point tensor; -1 where there is none.</summary>
    public static int FirstNotFinite(ReadOnlySpan<byte> elements, DataType type) => type switch
    {
        DataType.Float => FirstNotFinite(MemoryMarshal.Cast<byte, float>(elements)),
        DataType.Double => FirstNotFinite(MemoryMarshal.Cast<byte, double>(elements)),
        DataType.Float16 => FirstNotFinite(MemoryMarshal.Cast<byte, Half>(elements)),
        DataType.Bfloat16 => FirstNotFinite(MemoryMarshal.Cast<byte, ushort>(elements)),
        _ => -1,
    };

    private static bool IsWhole(DataType type) => type
        is DataType.Bool or DataType.Int8 or DataType.Int16 or DataType.Int32 or DataType.Int64
        or DataType.Uint8 or DataType.Uint16 or DataType.Uint32 or DataType.Uint64;

    private static int FirstNotFinite<T>(ReadOnlySpan<T> values)
        where T : struct, INumberBase<T>
    {
        for (var index = 0; index < values.Length; index++)
        {
            if (!T.IsFinite(values[index]))
            {
                return index;
            }
        }

        return -1;
    }

    // All ones in the exponent of a bfloat16.
    private static int FirstNotFinite(ReadOnlySpan<ushort> bits)
    {
        for (var index = 0; index < bits.Length; index++)
        {
            if ((bits[index] & 0x7F80) == 0x7F80)
            {
                return index;
            }
        }

        return -1;
    }

    private static Span<T> Cast<T>(Span<byte> bytes)
        where T : struct => MemoryMarshal.Cast<byte, T>(bytes);

    private static Span<byte> NormalizedBooleans(Span<byte> source)
    {
        foreach (ref var value in source)
        {
            value = value == 0 ? (byte)0 : (byte)1;
        }

        return source;
    }

    private static void ConvertFrom<TFrom>(ReadOnlySpan<TFrom> source, Span<byte> destination, DataType to)
        where TFrom : unmanaged, INumber<TFrom>
    {
        switch (to)
        {
            case DataType.Float:
                ConvertAll<TFrom, float>(source, destination);
                break;
            case DataType.Double:
                ConvertAll<TFrom, double>(source, destination);
                break;
            case DataType.Float16:
                ConvertAll<TFrom, Half>(source, destination);
                break;
            case DataType.Int8:
                ConvertAll<TFrom, sbyte>(source, destination);
                break;
            case DataType.Int16:
                ConvertAll<TFrom, short>(source, destination);
                break;
            case DataType.Int32:
                ConvertAll<TFrom, int>(source, destination);
                break;
            case DataType.Int64:
                ConvertAll<TFrom, long>(source, destination);
                break;
            case DataType.Uint8:
                ConvertAll<TFrom, byte>(source, destination);
                break;
            case DataType.Uint16:
                ConvertAll<TFrom, ushort>(source, destination);
                break;
            case DataType.Uint32:
                ConvertAll<TFrom, uint>(source, destination);
                break;
            case DataType.Uint64:
                ConvertAll<TFrom, ulong>(source, destination);
                break;
            case DataType.Bool:
                ConvertAll<TFrom, byte>(source, destination);
                if (destination.ContainsAnyExceptInRange((byte)0, (byte)1))
                {
                    throw new OverflowException();
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(to), to, "not an element type of a model's input");
        }
    }

    // For floating-point targets "checked" rounds to nearest and lets what is too large become infinite: the finiteness check names it.
    private static void ConvertAll<TFrom, TTo>(ReadOnlySpan<TFrom> source, Span<byte> destination)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        if (typeof(TFrom) == typeof(TTo))
        {
            MemoryMarshal.AsBytes(source).CopyTo(destination);
            return;
        }

        var converted = MemoryMarshal.Cast<byte, TTo>(destination);
        for (var index = 0; index < source.Length; index++)
        {
            converted[index] = TTo.CreateChecked(source[index]);
        }
    }

    private static void ReverseElements(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                BinaryPrimitives.ReverseEndianness(Cast<short>(bytes), Cast<short>(bytes));
                break;
            case 4:
                BinaryPrimitives.ReverseEndianness(Cast<int>(bytes), Cast<int>(bytes));
                break;
            case 8:
                BinaryPrimitives.ReverseEndianness(Cast<long>(bytes), Cast<long>(bytes));
                break;
        }
    }
}
