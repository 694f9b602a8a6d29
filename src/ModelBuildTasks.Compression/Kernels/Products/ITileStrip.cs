using System.Numerics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>What computes tiles of a product below one another.</summary>
internal interface ITileStrip<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Computes the tiles of some rows and of as many columns as <typeparamref name="TRow"/> has, or of those of them that exist.</summary>
    /// <param name="firstRow">The first tile's first row.</param>
    /// <param name="endRow">Where the rows end; at most <see cref="RowBlocks.Rows"/> later.</param>
    /// <param name="column">The first column.</param>
    void Run<TRow>(int firstRow, int endRow, int column)
        where TRow : struct, ITileRow<TRow, T>;
}
