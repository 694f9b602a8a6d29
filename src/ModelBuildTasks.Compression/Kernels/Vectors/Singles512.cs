using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Sixteen floats: AVX-512.</summary>
internal readonly struct Singles512(Vector512<float> value) : ISingles<Singles512>
{
    private readonly Vector512<float> value = value;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Load(ref readonly float source, nuint offset) => new(Vector512.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 LoadSignedBytes(ref readonly sbyte source, nuint offset)
    {
        var shorts = Vector256.WidenLower(Vector128.LoadUnsafe(in source, offset).ToVector256Unsafe());
        return new(Vector512.ConvertToSingle(Vector512.WidenLower(shorts.ToVector512Unsafe())));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator +(Singles512 left, Singles512 right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator -(Singles512 left, Singles512 right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator *(Singles512 left, Singles512 right) => new(left.value * right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator /(Singles512 left, Singles512 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Minimum(Singles512 left, Singles512 right) => new(Vector512.MinNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Maximum(Singles512 left, Singles512 right) => new(Vector512.MaxNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 MaximumMagnitude(Singles512 magnitude, Singles512 value) =>
        new(Vector512.Max(magnitude.value.AsInt32(), value.value.AsInt32() & Vector512.Create(int.MaxValue)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GreaterMagnitudes(Singles512 value, Singles512 limit) => (uint)IsGreater(value, limit).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 ZeroUnlessGreater(Singles512 value, Singles512 saliency, Singles512 limit) => new(value.value & IsGreater(saliency, limit).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 ZeroWhereNaN(Singles512 value) => new(value.value & Vector512.Equals(value.value, value.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountZeros(Singles512 value) => BitOperations.PopCount(Vector512.Equals(value.value, Vector512<float>.Zero).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles512 value, ref float destination, nuint offset) => value.value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTruncated(Singles512 value, int shift, ref int destination, nuint offset) =>
        (Vector512.ConvertToInt32Native(value.value) << shift).StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedBytes(Singles512 value, int addend, ref byte destination, nuint offset)
    {
        var integers = (value.value + Vector512.Create(Rounding.ToInteger)).AsUInt32() + Vector512.Create((uint)addend);
        // One instruction, where two portable Narrow are eight.
        Avx512F.ConvertToVector128Byte(integers).StoreUnsafe(ref destination, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBuckets(Singles512 value, ref readonly float limits, ref byte destination, nuint offset)
    {
        // A binary search: a permutation looks sixteen limits up at once, each comparison halves what is left.
        var all = Vector512.LoadUnsafe(in limits);
        var bucket = Vector512.GreaterThan(value.value, Vector512.Create(Unsafe.Add(ref Unsafe.AsRef(in limits), 7))).AsInt32() & Vector512.Create(8);
        bucket += Vector512.GreaterThan(value.value, Avx512F.PermuteVar16x32(all, bucket + Vector512.Create(3))).AsInt32() & Vector512.Create(4);
        bucket += Vector512.GreaterThan(value.value, Avx512F.PermuteVar16x32(all, bucket + Vector512.Create(1))).AsInt32() & Vector512.Create(2);
        bucket += Vector512.GreaterThan(value.value, Avx512F.PermuteVar16x32(all, bucket)).AsInt32() & Vector512.Create(1);
        Avx512F.ConvertToVector128Byte(bucket.AsUInt32()).StoreUnsafe(ref destination, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> IsGreater(Singles512 value, Singles512 limit) =>
        Vector512.GreaterThan(value.value.AsInt32() & Vector512.Create(int.MaxValue), limit.value.AsInt32());
}
