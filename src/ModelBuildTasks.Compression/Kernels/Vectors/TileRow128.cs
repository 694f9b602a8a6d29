using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>One register of 128 bits.</summary>
internal readonly unsafe struct TileRow128<T>(Vector128<T> value) : ITileRow<TileRow128<T>, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly Vector128<T> value = value;

    public static int Count => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow128<T> Load(T* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow128<T> operator +(TileRow128<T> left, TileRow128<T> right) => new(left.value + right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow128<T> operator -(TileRow128<T> left, TileRow128<T> right) => new(left.value - right.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow128<T> operator *(TileRow128<T> row, T factor) => new(row.value * Vector128.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TileRow128<T> row, T* destination) => row.value.Store(destination);
}
