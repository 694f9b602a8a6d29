using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight floats: AVX2.</summary>
internal readonly struct Singles256(Vector256<float> value) : ISingles<Singles256>
{
    private readonly Vector256<float> value = value;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 Load(ref readonly float source, nuint offset) => new(Vector256.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 LoadSignedBytes(ref readonly sbyte source, nuint offset)
    {
        var bytes = Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref Unsafe.AsRef(in source), offset)));
        var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(bytes).AsSByte());
        return new(Vector256.ConvertToSingle(Vector256.WidenLower(shorts.ToVector256Unsafe())));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 operator +(Singles256 left, Singles256 right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 operator -(Singles256 left, Singles256 right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 operator *(Singles256 left, Singles256 right) => new(left.value * right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 operator /(Singles256 left, Singles256 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 Minimum(Singles256 left, Singles256 right) => new(Vector256.MinNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 Maximum(Singles256 left, Singles256 right) => new(Vector256.MaxNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 MaximumMagnitude(Singles256 magnitude, Singles256 value) =>
        new(Vector256.Max(magnitude.value.AsInt32(), value.value.AsInt32() & Vector256.Create(int.MaxValue)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterMagnitudes(Singles256 value, Singles256 limit) => IsGreater(value, limit).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 ZeroUnlessGreater(Singles256 value, Singles256 saliency, Singles256 limit) => new(value.value & IsGreater(saliency, limit).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles256 ZeroWhereNaN(Singles256 value) => new(value.value & Vector256.Equals(value.value, value.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountZeros(Singles256 value) => BitOperations.PopCount(Vector256.Equals(value.value, Vector256<float>.Zero).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles256 value, ref float destination, nuint offset) => value.value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTruncated(Singles256 value, int shift, ref int destination, nuint offset) =>
        (Vector256.ConvertToInt32Native(value.value) << shift).StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedBytes(Singles256 value, int addend, ref byte destination, nuint offset)
    {
        var integers = (value.value + Vector256.Create(Rounding.ToInteger)).AsUInt32() + Vector256.Create((uint)addend);
        var shorts = Vector128.Narrow(integers.GetLower(), integers.GetUpper());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(shorts, shorts).AsInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBuckets(Singles256 value, ref readonly float limits, ref byte destination, nuint offset)
    {
        var bucket = Vector256<int>.Zero;
        for (nuint limit = 0; limit < 15; limit++)
        {
            // A comparison gives −1 where it holds.
            bucket -= Vector256.GreaterThan(value.value, Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in limits), limit))).AsInt32();
        }

        var shorts = Vector128.Narrow(bucket.GetLower(), bucket.GetUpper());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(shorts, shorts).AsInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> IsGreater(Singles256 value, Singles256 limit) =>
        Vector256.GreaterThan(value.value.AsInt32() & Vector256.Create(int.MaxValue), limit.value.AsInt32());
}
