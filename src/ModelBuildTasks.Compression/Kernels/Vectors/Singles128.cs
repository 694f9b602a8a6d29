using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Four floats: SSE, NEON.</summary>
internal readonly struct Singles128(Vector128<float> value) : ISingles<Singles128>
{
    private readonly Vector128<float> value = value;

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 Load(ref readonly float source, nuint offset) => new(Vector128.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 LoadSignedBytes(ref readonly sbyte source, nuint offset)
    {
        var bytes = Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref Unsafe.AsRef(in source), offset)));
        return new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(bytes).AsSByte()))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 operator +(Singles128 left, Singles128 right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 operator -(Singles128 left, Singles128 right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 operator *(Singles128 left, Singles128 right) => new(left.value * right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 operator /(Singles128 left, Singles128 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 Minimum(Singles128 left, Singles128 right) => new(Vector128.MinNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 Maximum(Singles128 left, Singles128 right) => new(Vector128.MaxNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 MaximumMagnitude(Singles128 magnitude, Singles128 value) =>
        new(Vector128.Max(magnitude.value.AsInt32(), value.value.AsInt32() & Vector128.Create(int.MaxValue)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterMagnitudes(Singles128 value, Singles128 limit) => IsGreater(value, limit).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 ZeroUnlessGreater(Singles128 value, Singles128 saliency, Singles128 limit) => new(value.value & IsGreater(saliency, limit).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles128 ZeroWhereNaN(Singles128 value) => new(value.value & Vector128.Equals(value.value, value.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountZeros(Singles128 value) => BitOperations.PopCount(Vector128.Equals(value.value, Vector128<float>.Zero).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles128 value, ref float destination, nuint offset) => value.value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTruncated(Singles128 value, int shift, ref int destination, nuint offset) =>
        (Vector128.ConvertToInt32Native(value.value) << shift).StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedBytes(Singles128 value, int addend, ref byte destination, nuint offset)
    {
        var integers = (value.value + Vector128.Create(Rounding.ToInteger)).AsInt32() + Vector128.Create(addend);
        StoreLowestBytes(integers, ref destination, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBuckets(Singles128 value, ref readonly float limits, ref byte destination, nuint offset)
    {
        var bucket = Vector128<int>.Zero;
        for (nuint limit = 0; limit < 15; limit++)
        {
            // A comparison gives −1 where it holds.
            bucket -= Vector128.GreaterThan(value.value, Vector128.Create(Unsafe.Add(ref Unsafe.AsRef(in limits), limit))).AsInt32();
        }

        StoreLowestBytes(bucket, ref destination, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> IsGreater(Singles128 value, Singles128 limit) =>
        Vector128.GreaterThan(value.value.AsInt32() & Vector128.Create(int.MaxValue), limit.value.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLowestBytes(Vector128<int> integers, ref byte destination, nuint offset)
    {
        var bytes = Vector128.Shuffle(integers.AsByte(), Vector128.Create((byte)0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), bytes.AsInt32().ToScalar());
    }
}
