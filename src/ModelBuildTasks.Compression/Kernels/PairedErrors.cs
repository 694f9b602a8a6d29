using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Σ (w − q · scale)² for pairs that are quantized under a bound (see <see cref="PairedQuantizeLinear"/>), in double precision and an order that does not depend on the processor: what a scale is chosen by.
/// The quotients are doubles here, so that a value in the middle between two integers may be rounded to the other one, with the same error.
/// </summary>
internal static class PairedErrors
{
    private const int Lanes = 8;

    // Where one unit in the last place is 1, an addition rounds to an integer, ties to even, in every instruction set alike.
    private const double ToInteger = 6755399441055744;

    /// <summary>The error of pairs with one scale. Eight partial sums, one for each index modulo eight.</summary>
    /// <param name="first">The first of each pair; finite.</param>
    /// <param name="second">The second of each pair; finite.</param>
    /// <param name="scale">Positive.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float scale, int bound)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"{first.Length} values cannot be paired with {second.Length}.", nameof(second));
        }

        Span<double> sums = stackalloc double[Lanes];
        sums.Clear();
        var remainder = first.Length % Lanes;
        Add(first[..^remainder], second[..^remainder], scale, bound, sums);
        if (remainder > 0)
        {
            // Zeros have no error.
            Span<float> lastFirst = stackalloc float[Lanes];
            Span<float> lastSecond = stackalloc float[Lanes];
            lastFirst.Clear();
            lastSecond.Clear();
            first[^remainder..].CopyTo(lastFirst);
            second[^remainder..].CopyTo(lastSecond);
            Add(lastFirst, lastSecond, scale, bound, sums);
        }

        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }

    /// <summary>Adds the error of each pair to that of its channel.</summary>
    /// <param name="first">A row of a matrix whose columns are channels; finite.</param>
    /// <param name="second">The row it is paired with; finite.</param>
    /// <param name="scales">One per channel, positive.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <param name="errors">One sum per channel.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddPerChannel(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> errors)
    {
        if (first.Length != second.Length || scales.Length != first.Length || errors.Length != first.Length)
        {
            throw new ArgumentException($"{first.Length} and {second.Length} values do not fit {scales.Length} scales and {errors.Length} errors.", nameof(errors));
        }

        var remainder = first.Length % Lanes;
        AddRows(first[..^remainder], second[..^remainder], scales[..^remainder], bound, errors[..^remainder]);
        if (remainder > 0)
        {
            Span<float> last = stackalloc float[3 * Lanes];
            Span<double> lastErrors = stackalloc double[Lanes];
            last.Clear();
            last[(2 * Lanes)..].Fill(1);
            first[^remainder..].CopyTo(last);
            second[^remainder..].CopyTo(last[Lanes..]);
            scales[^remainder..].CopyTo(last[(2 * Lanes)..]);
            lastErrors.Clear();
            errors[^remainder..].CopyTo(lastErrors);
            AddRows(last[..Lanes], last[Lanes..(2 * Lanes)], last[(2 * Lanes)..], bound, lastErrors);
            lastErrors[..remainder].CopyTo(errors[^remainder..]);
        }
    }

    private static void Add(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float scale, int bound, Span<double> sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add<EightDoubles512>(first, second, scale, bound, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Add<EightDoubles256>(first, second, scale, bound, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Add<EightDoubles128>(first, second, scale, bound, sums);
        }
        else
        {
            Add<EightDoublesScalar>(first, second, scale, bound, sums);
        }
    }

    private static void AddRows(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> errors)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddRows<EightDoubles512>(first, second, scales, bound, errors);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            AddRows<EightDoubles256>(first, second, scales, bound, errors);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AddRows<EightDoubles128>(first, second, scales, bound, errors);
        }
        else
        {
            AddRows<EightDoublesScalar>(first, second, scales, bound, errors);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TDoubles>(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float scale, int bound, Span<double> sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var left = ref MemoryMarshal.GetReference(first);
        ref readonly var right = ref MemoryMarshal.GetReference(second);
        ref var partial = ref MemoryMarshal.GetReference(sums);
        var (factor, inverse) = (TDoubles.Broadcast(scale), TDoubles.Broadcast(1.0 / scale));
        var sum = TDoubles.Load(in partial, 0);
        for (nuint i = 0; i < (nuint)first.Length; i += Lanes)
        {
            sum += Error(TDoubles.Widen(in left, i), TDoubles.Widen(in right, i), factor, inverse, bound);
        }

        TDoubles.Store(sum, ref partial, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows<TDoubles>(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> errors)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var left = ref MemoryMarshal.GetReference(first);
        ref readonly var right = ref MemoryMarshal.GetReference(second);
        ref readonly var scale = ref MemoryMarshal.GetReference(scales);
        ref var error = ref MemoryMarshal.GetReference(errors);
        for (nuint i = 0; i < (nuint)first.Length; i += Lanes)
        {
            var factor = TDoubles.Widen(in scale, i);
            var inverse = TDoubles.Broadcast(1) / factor;
            TDoubles.Store(TDoubles.Load(in error, i) + Error(TDoubles.Widen(in left, i), TDoubles.Widen(in right, i), factor, inverse, bound), ref error, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Error<TDoubles>(TDoubles first, TDoubles second, TDoubles scale, TDoubles inverse, int bound)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        var (a, b) = (Saturate(first * inverse, sbyte.MaxValue), Saturate(second * inverse, sbyte.MaxValue));
        var (x, y) = (Round(a), Round(b));
        var sum = x + y;
        var target = Saturate(sum, bound);
        x += Round((a - x - (b - y) - (sum - target)) * TDoubles.Broadcast(0.5));
        y = target - x;
        var (firstError, secondError) = (first - (x * scale), second - (y * scale));
        return (firstError * firstError) + (secondError * secondError);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Saturate<TDoubles>(TDoubles value, int limit)
        where TDoubles : struct, IEightDoubles<TDoubles> => TDoubles.Minimum(TDoubles.Maximum(value, TDoubles.Broadcast(-limit)), TDoubles.Broadcast(limit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Round<TDoubles>(TDoubles value)
        where TDoubles : struct, IEightDoubles<TDoubles> => value + TDoubles.Broadcast(ToInteger) - TDoubles.Broadcast(ToInteger);
}
