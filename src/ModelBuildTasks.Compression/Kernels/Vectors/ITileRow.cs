using System.Numerics;

namespace ModelBuildTasks.Compression.Kernels.Vectors;

/// <summary>
/// One row of a tile of sums in a register. Every operation rounds as IEEE 754 says, and none fuses a multiplication with an addition, so that sums do not depend on the form.
/// </summary>
internal unsafe interface ITileRow<TSelf, T>
    where TSelf : struct, ITileRow<TSelf, T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Columns of the tile.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> values that lie one behind the other.</summary>
    static abstract TSelf Load(T* source);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf row, T factor);

    /// <summary>Writes <see cref="Count"/> values one behind the other.</summary>
    static abstract void Store(TSelf row, T* destination);
}
