using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>One AVX-512 register.</summary>
internal readonly unsafe struct TileRow512<T>(Vector512<T> value) : ITileRow<TileRow512<T>, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly Vector512<T> value = value;

    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512<T> operator +(TileRow512<T> left, TileRow512<T> right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512<T> operator -(TileRow512<T> left, TileRow512<T> right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512<T> operator *(TileRow512<T> row, T factor) => new(row.value * Vector512.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TileRow512<T> row, T* destination) => row.value.Store(destination);
}
