using System.Runtime.CompilerServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The energies of a signal and of the error of its approximation: what SQNR is made of.</summary>
internal static class ErrorEnergy
{
    /// <summary>Σ x² and Σ (x − y)², for x of the reference and y of the approximation.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static (double Signal, double Noise) Accumulate(ReadOnlySpan<float> reference, ReadOnlySpan<float> approximation)
    {
        var (signal, noise, _) = PairSums.Of<Operator>(reference, approximation);
        return (signal, noise);
    }

    private readonly struct Operator : IPairOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (TDoubles First, TDoubles Second, TDoubles Third) Terms<TDoubles>(TDoubles x, TDoubles y)
            where TDoubles : struct, IEightDoubles<TDoubles>
        {
            var error = x - y;
            return (x * x, error * error, default);
        }
    }
}
