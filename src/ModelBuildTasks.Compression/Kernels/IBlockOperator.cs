using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>What is summed over a block of weights that are rounded to levels.</summary>
internal interface IBlockOperator
{
    /// <summary>Adds what a weight contributes to both sums.</summary>
    static abstract void Add<TSingles>(TSingles value, TSingles importance, TSingles level, TSingles scale, ref TSingles first, ref TSingles second)
        where TSingles : struct, ISingles<TSingles>;

    /// <summary>What the sums give.</summary>
    static abstract TSingles Result<TSingles>(TSingles first, TSingles second)
        where TSingles : struct, ISingles<TSingles>;
}
