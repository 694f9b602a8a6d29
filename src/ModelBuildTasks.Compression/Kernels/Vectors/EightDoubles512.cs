using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight doubles in one AVX-512 register.</summary>
internal readonly struct EightDoubles512(Vector512<double> value) : IEightDoubles<EightDoubles512>
{
    private readonly Vector512<double> value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 Broadcast(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 Load(ref readonly double source, nuint offset) => new(Vector512.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 Widen(ref readonly float source, nuint offset) => new(Vector512.WidenLower(Vector256.LoadUnsafe(in source, offset).ToVector512Unsafe()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 operator +(EightDoubles512 left, EightDoubles512 right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 operator -(EightDoubles512 left, EightDoubles512 right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 operator *(EightDoubles512 left, EightDoubles512 right) => new(left.value * right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 operator /(EightDoubles512 left, EightDoubles512 right) => new(left.value / right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 Minimum(EightDoubles512 left, EightDoubles512 right) => new(Vector512.MinNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles512 Maximum(EightDoubles512 left, EightDoubles512 right) => new(Vector512.MaxNative(left.value, right.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(EightDoubles512 value, ref double destination, nuint offset) => value.value.StoreUnsafe(ref destination, offset);
}
