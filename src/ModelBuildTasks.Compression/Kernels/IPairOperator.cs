using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>What <see cref="PairSums"/> adds up for each pair of values.</summary>
internal interface IPairOperator
{
    /// <summary>The terms of the three sums.</summary>
    static abstract (TDoubles First, TDoubles Second, TDoubles Third) Terms<TDoubles>(TDoubles x, TDoubles y)
        where TDoubles : struct, IEightDoubles<TDoubles>;
}
