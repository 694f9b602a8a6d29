using System.Runtime.CompilerServices;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>One float: the form without vector instructions, and the remainder of the others.</summary>
internal readonly struct Singles1(float value) : ISingles<Singles1>
{
    private readonly float value = value;

    public static int Count => 1;

    public static Singles1 Broadcast(float value) => new(value);

    public static Singles1 Load(ref readonly float source, nuint offset) => new(Unsafe.Add(ref Unsafe.AsRef(in source), offset));

    public static Singles1 LoadSignedBytes(ref readonly sbyte source, nuint offset) => new(Unsafe.Add(ref Unsafe.AsRef(in source), offset));

    public static Singles1 operator +(Singles1 left, Singles1 right) => new(left.value + right.value);

    public static Singles1 operator -(Singles1 left, Singles1 right) => new(left.value - right.value);

    public static Singles1 operator *(Singles1 left, Singles1 right) => new(left.value * right.value);

    public static Singles1 operator /(Singles1 left, Singles1 right) => new(left.value / right.value);

    public static Singles1 Minimum(Singles1 left, Singles1 right) => left.value < right.value ? left : right;

    public static Singles1 Maximum(Singles1 left, Singles1 right) => left.value > right.value ? left : right;

    public static Singles1 MaximumMagnitude(Singles1 magnitude, Singles1 value)
    {
        var bits = BitConverter.SingleToInt32Bits(value.value) & int.MaxValue;
        return new(BitConverter.Int32BitsToSingle(Math.Max(BitConverter.SingleToInt32Bits(magnitude.value), bits)));
    }

    public static uint GreaterMagnitudes(Singles1 value, Singles1 limit) =>
        (BitConverter.SingleToInt32Bits(value.value) & int.MaxValue) > BitConverter.SingleToInt32Bits(limit.value) ? 1u : 0;

    public static Singles1 ZeroUnlessGreater(Singles1 value, Singles1 saliency, Singles1 limit) => GreaterMagnitudes(saliency, limit) != 0 ? value : new(0);

    public static Singles1 ZeroWhereNaN(Singles1 value) => float.IsNaN(value.value) ? new(0) : value;

    public static int CountZeros(Singles1 value) => value.value == 0 ? 1 : 0;

    public static void Store(Singles1 value, ref float destination, nuint offset) => Unsafe.Add(ref destination, offset) = value.value;

    public static void StoreTruncated(Singles1 value, int shift, ref int destination, nuint offset) => Unsafe.Add(ref destination, offset) = (int)value.value << shift;

    public static void StoreRoundedBytes(Singles1 value, int addend, ref byte destination, nuint offset) =>
        Unsafe.Add(ref destination, offset) = unchecked((byte)(BitConverter.SingleToInt32Bits(value.value + Rounding.ToInteger) + addend));

    public static void StoreBuckets(Singles1 value, ref readonly float limits, ref byte destination, nuint offset)
    {
        var bucket = 0;
        for (nuint limit = 0; limit < 15; limit++)
        {
            bucket += value.value > Unsafe.Add(ref Unsafe.AsRef(in limits), limit) ? 1 : 0;
        }

        Unsafe.Add(ref destination, offset) = (byte)bucket;
    }
}
