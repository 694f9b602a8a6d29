using System.Numerics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

/// <summary>What becomes of a product.</summary>
internal interface IProductOperator
{
    static abstract TRow Of<T, TRow>(TRow sum, TRow product)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T>;
}
