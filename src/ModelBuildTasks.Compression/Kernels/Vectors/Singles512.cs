using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Sixteen floats: AVX-512.</summary>
internal readonly struct Singles512(Vector512<float> value) : ISingles<Singles512>
{
    private readonly Vector512<float> _value = value;

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
    public static Singles512 operator -(Singles512 left, Singles512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator *(Singles512 left, Singles512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 operator /(Singles512 left, Singles512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Minimum(Singles512 left, Singles512 right) => new(Vector512.MinNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 Maximum(Singles512 left, Singles512 right) => new(Vector512.MaxNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 MaximumMagnitude(Singles512 magnitude, Singles512 value) =>
        new(Vector512.Max(magnitude._value.AsInt32(), value._value.AsInt32() & Vector512.Create(int.MaxValue)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Singles512 ZeroWhereNaN(Singles512 value) => new(value._value & Vector512.Equals(value._value, value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountZeros(Singles512 value) => BitOperations.PopCount(Vector512.Equals(value._value, Vector512<float>.Zero).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Singles512 value, ref float destination, nuint offset) => value._value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTruncated(Singles512 value, int shift, ref int destination, nuint offset) =>
        (Vector512.ConvertToInt32Native(value._value) << shift).StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRoundedBytes(Singles512 value, int addend, ref byte destination, nuint offset)
    {
        var integers = (value._value + Vector512.Create(Rounding.ToInteger)).AsUInt32() + Vector512.Create((uint)addend);
        var shorts = Vector256.Narrow(integers.GetLower(), integers.GetUpper());
        Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).StoreUnsafe(ref destination, offset);
    }
}
