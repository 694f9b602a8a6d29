using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>Three AVX-512 registers: eight such rows leave eight of 32 registers for what is multiplied.</summary>
internal readonly unsafe struct TileRow512x3<T>(Vector512<T> first, Vector512<T> second, Vector512<T> third) : ITileRow<TileRow512x3<T>, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly Vector512<T> first = first;
    private readonly Vector512<T> second = second;
    private readonly Vector512<T> third = third;

    public static int Count => 3 * Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512x3<T> Load(T* source) => LoadGroups(source, (nuint)Vector512<T>.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512x3<T> LoadGroups(T* source, nuint groupLength) =>
        new(Vector512.Load(source), Vector512.Load(source + groupLength), Vector512.Load(source + (2 * groupLength)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512x3<T> operator +(TileRow512x3<T> left, TileRow512x3<T> right) => new(left.first + right.first, left.second + right.second, left.third + right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512x3<T> operator -(TileRow512x3<T> left, TileRow512x3<T> right) => new(left.first - right.first, left.second - right.second, left.third - right.third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRow512x3<T> operator *(TileRow512x3<T> row, T factor)
    {
        var factors = Vector512.Create(factor);
        return new(row.first * factors, row.second * factors, row.third * factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TileRow512x3<T> row, T* destination)
    {
        row.first.Store(destination);
        row.second.Store(destination + Vector512<T>.Count);
        row.third.Store(destination + (2 * Vector512<T>.Count));
    }
}
