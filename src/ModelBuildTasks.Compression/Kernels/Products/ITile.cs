using System.Numerics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>What computes one tile of a product.</summary>
internal interface ITile<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Computes the sums of <see cref="Tiles.Rows"/> rows and as many columns as <typeparamref name="TRow"/> has, or those of them that exist.</summary>
    void Run<TRow>(int row, int column)
        where TRow : struct, ITileRow<TRow, T>;
}
