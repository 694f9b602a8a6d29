using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight doubles in two AVX registers.</summary>
internal readonly struct EightDoubles256(Vector256<double> lower, Vector256<double> upper) : IEightDoubles<EightDoubles256>
{
    private readonly Vector256<double> lower = lower;
    private readonly Vector256<double> upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Broadcast(double value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Load(ref readonly double source, nuint offset) => new(Vector256.LoadUnsafe(in source, offset), Vector256.LoadUnsafe(in source, offset + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Widen(ref readonly float source, nuint offset)
    {
        var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(in source, offset));
        return new(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator +(EightDoubles256 left, EightDoubles256 right) => new(left.lower + right.lower, left.upper + right.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator -(EightDoubles256 left, EightDoubles256 right) => new(left.lower - right.lower, left.upper - right.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator *(EightDoubles256 left, EightDoubles256 right) => new(left.lower * right.lower, left.upper * right.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator /(EightDoubles256 left, EightDoubles256 right) => new(left.lower / right.lower, left.upper / right.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Minimum(EightDoubles256 left, EightDoubles256 right) =>
        new(Vector256.MinNative(left.lower, right.lower), Vector256.MinNative(left.upper, right.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Maximum(EightDoubles256 left, EightDoubles256 right) =>
        new(Vector256.MaxNative(left.lower, right.lower), Vector256.MaxNative(left.upper, right.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(EightDoubles256 value, ref double destination, nuint offset)
    {
        value.lower.StoreUnsafe(ref destination, offset);
        value.upper.StoreUnsafe(ref destination, offset + 4);
    }
}
