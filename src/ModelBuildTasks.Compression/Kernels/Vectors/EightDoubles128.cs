using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Eight doubles in four 128-bit registers.</summary>
internal readonly struct EightDoubles128(Vector128<double> first, Vector128<double> second, Vector128<double> third, Vector128<double> fourth) : IEightDoubles<EightDoubles128>
{
    private readonly Vector128<double> first = first;
    private readonly Vector128<double> second = second;
    private readonly Vector128<double> third = third;
    private readonly Vector128<double> fourth = fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 Broadcast(double value) => new(Vector128.Create(value), Vector128.Create(value), Vector128.Create(value), Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 Load(ref readonly double source, nuint offset) =>
        new(
            Vector128.LoadUnsafe(in source, offset),
            Vector128.LoadUnsafe(in source, offset + 2),
            Vector128.LoadUnsafe(in source, offset + 4),
            Vector128.LoadUnsafe(in source, offset + 6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 Widen(ref readonly float source, nuint offset)
    {
        var (first, second) = Vector128.Widen(Vector128.LoadUnsafe(in source, offset));
        var (third, fourth) = Vector128.Widen(Vector128.LoadUnsafe(in source, offset + 4));
        return new(first, second, third, fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 operator +(EightDoubles128 left, EightDoubles128 right) =>
        new(left.first + right.first, left.second + right.second, left.third + right.third, left.fourth + right.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 operator -(EightDoubles128 left, EightDoubles128 right) =>
        new(left.first - right.first, left.second - right.second, left.third - right.third, left.fourth - right.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 operator *(EightDoubles128 left, EightDoubles128 right) =>
        new(left.first * right.first, left.second * right.second, left.third * right.third, left.fourth * right.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 operator /(EightDoubles128 left, EightDoubles128 right) =>
        new(left.first / right.first, left.second / right.second, left.third / right.third, left.fourth / right.fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 Minimum(EightDoubles128 left, EightDoubles128 right) =>
        new(Vector128.MinNative(left.first, right.first), Vector128.MinNative(left.second, right.second), Vector128.MinNative(left.third, right.third), Vector128.MinNative(left.fourth, right.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightDoubles128 Maximum(EightDoubles128 left, EightDoubles128 right) =>
        new(Vector128.MaxNative(left.first, right.first), Vector128.MaxNative(left.second, right.second), Vector128.MaxNative(left.third, right.third), Vector128.MaxNative(left.fourth, right.fourth));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(EightDoubles128 value, ref double destination, nuint offset)
    {
        value.first.StoreUnsafe(ref destination, offset);
        value.second.StoreUnsafe(ref destination, offset + 2);
        value.third.StoreUnsafe(ref destination, offset + 4);
        value.fourth.StoreUnsafe(ref destination, offset + 6);
    }
}
