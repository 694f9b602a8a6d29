using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>One AVX register.</summary>
internal readonly unsafe struct TileRow256<T>(Vector256<T> value) : ITileRow<TileRow256<T>, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly Vector256<T> value = value;

    public static int Count => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow256<T> operator +(TileRow256<T> left, TileRow256<T> right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow256<T> operator -(TileRow256<T> left, TileRow256<T> right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow256<T> operator *(TileRow256<T> row, T factor) => new(row.value * Vector256.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TileRow256<T> row, T* destination) => row.value.Store(destination);
}
