using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The dot products of two vectors: what the cosine between them is made of.</summary>
internal static class DotProducts
{
    /// <summary>Σ x², Σ y² and Σ x·y.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static (double XX, double YY, double XY) Of(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => PairSums.Of<Operator>(x, y);

    private readonly struct Operator : IPairOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (TDoubles First, TDoubles Second, TDoubles Third) Terms<TDoubles>(TDoubles x, TDoubles y)
            where TDoubles : struct, IEightDoubles<TDoubles> => (x * x, y * y, x * y);
    }
}
