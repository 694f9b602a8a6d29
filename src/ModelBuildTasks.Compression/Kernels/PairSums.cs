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

        Span<double> sums = stackalloc double[3 * Lanes];
        sums.Clear();
        var remainder = x.Length % Lanes;
        Add<TOperator>(x[..^remainder], y[..^remainder], sums);
        if (remainder > 0)
        {
            // Pairs of zeros fill the last eight: their terms are zero, and adding zero to a sum that started from +0 changes no bit of it.
            Span<float> lastX = stackalloc float[Lanes];
            Span<float> lastY = stackalloc float[Lanes];
            lastX.Clear();
            lastY.Clear();
            x[^remainder..].CopyTo(lastX);
            y[^remainder..].CopyTo(lastY);
            Add<TOperator>(lastX, lastY, sums);
        }

        return (Total(sums[..Lanes]), Total(sums[Lanes..(2 * Lanes)]), Total(sums[(2 * Lanes)..]));
    }

    private static void Add<TOperator>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<double> sums)
        where TOperator : IPairOperator
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add<TOperator, EightDoubles512>(x, y, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Add<TOperator, EightDoubles256>(x, y, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Add<TOperator, EightDoubles128>(x, y, sums);
        }
        else
        {
            Add<TOperator, EightDoublesScalar>(x, y, sums);
        }
    }

    // Calls nothing: the sums would be spilled around a call, in every round.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TOperator, TDoubles>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<double> sums)
        where TOperator : IPairOperator
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var left = ref MemoryMarshal.GetReference(x);
        ref readonly var right = ref MemoryMarshal.GetReference(y);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var first = TDoubles.Load(in sum, 0);
        var second = TDoubles.Load(in sum, Lanes);
        var third = TDoubles.Load(in sum, 2 * Lanes);
        for (nuint i = 0; i < (nuint)x.Length; i += Lanes)
        {
            var terms = TOperator.Terms(TDoubles.Widen(in left, i), TDoubles.Widen(in right, i));
            first += terms.First;
            second += terms.Second;
            third += terms.Third;
        }

        TDoubles.Store(first, ref sum, 0);
        TDoubles.Store(second, ref sum, Lanes);
        TDoubles.Store(third, ref sum, 2 * Lanes);
    }

    private static double Total(ReadOnlySpan<double> lane)
    {
        var total = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
        return double.IsNaN(total) ? double.NaN : total;
    }
}
