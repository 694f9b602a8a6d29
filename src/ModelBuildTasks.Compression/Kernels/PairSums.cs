using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The shared loop of sums over two spans, in double precision and an order that does not depend on the processor.</summary>
internal static class PairSums
{
    private const int Lanes = 8;

    /// <summary>Three sums of terms of x and y; NaN has one bit pattern.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static (double First, double Second, double Third) Of<TOperator>(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
        where TOperator : IPairOperator
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"{x.Length} values cannot be paired with {y.Length}.", nameof(y));
        }

        return Vector512.IsHardwareAccelerated ? Add<TOperator, EightDoubles512>(x, y)
            : Vector256.IsHardwareAccelerated ? Add<TOperator, EightDoubles256>(x, y)
            : Vector128.IsHardwareAccelerated ? Add<TOperator, EightDoubles128>(x, y)
            : Add<TOperator, EightDoublesScalar>(x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double First, double Second, double Third) Add<TOperator, TDoubles>(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
        where TOperator : IPairOperator
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var left = ref MemoryMarshal.GetReference(x);
        ref readonly var right = ref MemoryMarshal.GetReference(y);
        var first = default(TDoubles);
        var second = default(TDoubles);
        var third = default(TDoubles);
        var vectorized = x.Length - (x.Length % Lanes);
        for (nuint i = 0; i < (nuint)vectorized; i += Lanes)
        {
            var terms = TOperator.Terms(TDoubles.Load(in left, i), TDoubles.Load(in right, i));
            first += terms.First;
            second += terms.Second;
            third += terms.Third;
        }

        if (vectorized < x.Length)
        {
            // Pairs of zeros fill the last eight: their terms are zero, and adding zero to a sum that started from +0 changes no bit of it.
            Span<float> lastX = stackalloc float[Lanes];
            Span<float> lastY = stackalloc float[Lanes];
            lastX.Clear();
            lastY.Clear();
            x[vectorized..].CopyTo(lastX);
            y[vectorized..].CopyTo(lastY);
            var terms = TOperator.Terms(TDoubles.Load(in MemoryMarshal.GetReference(lastX), 0), TDoubles.Load(in MemoryMarshal.GetReference(lastY), 0));
            first += terms.First;
            second += terms.Second;
            third += terms.Third;
        }

        return (Total(first), Total(second), Total(third));
    }

    private static double Total<TDoubles>(TDoubles sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        Span<double> lane = stackalloc double[Lanes];
        TDoubles.Store(sums, ref MemoryMarshal.GetReference(lane));
        var total = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
        return double.IsNaN(total) ? double.NaN : total;
    }
}
