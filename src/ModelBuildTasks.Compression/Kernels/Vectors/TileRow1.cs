using System.Numerics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>One value: the form without vector instructions.</summary>
internal readonly unsafe struct TileRow1<T>(T value) : ITileRow<TileRow1<T>, T>
    where T : unmanaged, INumberBase<T>
{
    private readonly T value = value;

    public static int Count => 1;

    public static TileRow1<T> Load(T* source) => new(*source);

    public static TileRow1<T> operator +(TileRow1<T> left, TileRow1<T> right) => new(left.value + right.value);

    public static TileRow1<T> operator -(TileRow1<T> left, TileRow1<T> right) => new(left.value - right.value);

    public static TileRow1<T> operator *(TileRow1<T> row, T factor) => new(row.value * factor);

    public static void Store(TileRow1<T> row, T* destination) => *destination = row.value;
}
