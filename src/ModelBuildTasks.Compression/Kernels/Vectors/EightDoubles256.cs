using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight doubles in two AVX registers.</summary>
internal readonly struct EightDoubles256(Vector256<double> lower, Vector256<double> upper) : IEightDoubles<EightDoubles256>
{
    private readonly Vector256<double> _lower = lower;
    private readonly Vector256<double> _upper = upper;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Load(ref readonly double source, nuint offset) => new(Vector256.LoadUnsafe(in source, offset), Vector256.LoadUnsafe(in source, offset + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 Widen(ref readonly float source, nuint offset)
    {
        var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(in source, offset));
        return new(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator +(EightDoubles256 left, EightDoubles256 right) => new(left._lower + right._lower, left._upper + right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator -(EightDoubles256 left, EightDoubles256 right) => new(left._lower - right._lower, left._upper - right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles256 operator *(EightDoubles256 left, EightDoubles256 right) => new(left._lower * right._lower, left._upper * right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(EightDoubles256 value, ref double destination, nuint offset)
    {
        value._lower.StoreUnsafe(ref destination, offset);
        value._upper.StoreUnsafe(ref destination, offset + 4);
    }
}
