using System.Numerics;
using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels.Products;

internal readonly struct AddProduct : IProductOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRow Of<T, TRow>(TRow sum, TRow product)
        where T : unmanaged, INumberBase<T>
        where TRow : struct, ITileRow<TRow, T> => sum + product;
}
