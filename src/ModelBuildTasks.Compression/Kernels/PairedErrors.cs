using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Σ (w − q · scale)² and Σ (w − q · scale) for pairs that are quantized under a bound (see <see cref="PairedQuantizeLinear"/>), in double precision and an order that does not depend on the processor: what a
/// scale is chosen by.
/// The quotients are doubles here, so that a value in the middle between two integers may be rounded to the other one, with the same error.
/// </summary>
internal static class PairedErrors
{
    private const int Lanes = 8;

    /// <summary>The errors of pairs with one scale, their squares first. Eight partial sums of each, one for each index modulo eight.</summary>
    /// <param name="first">The first of each pair; finite.</param>
    /// <param name="second">The second of each pair; finite.</param>
    /// <param name="scale">Positive.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static (double Squares, double Sum) Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float scale, int bound)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"{first.Length} values cannot be paired with {second.Length}.", nameof(second));
        }

        Span<double> sums = stackalloc double[2 * Lanes];
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

        return (Total(sums[..Lanes]), Total(sums[Lanes..]));
    }

    /// <summary>Adds the errors of each pair to those of its channel.</summary>
    /// <param name="first">A row of a matrix whose columns are channels; finite.</param>
    /// <param name="second">The row it is paired with; finite.</param>
    /// <param name="scales">One per channel, positive.</param>
    /// <param name="bound">The largest |q0 + q1|, at least 127.</param>
    /// <param name="squares">One sum of squares per channel.</param>
    /// <param name="sums">One sum per channel.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddPerChannel(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> squares, Span<double> sums)
    {
        if (first.Length != second.Length || scales.Length != first.Length || squares.Length != first.Length || sums.Length != first.Length)
        {
            throw new ArgumentException($"{first.Length} and {second.Length} values do not fit {scales.Length} scales and {squares.Length} and {sums.Length} errors.", nameof(second));
        }

        var remainder = first.Length % Lanes;
        AddRows(first[..^remainder], second[..^remainder], scales[..^remainder], bound, squares[..^remainder], sums[..^remainder]);
        if (remainder > 0)
        {
            Span<float> last = stackalloc float[3 * Lanes];
            Span<double> lastErrors = stackalloc double[2 * Lanes];
            last.Clear();
            last[(2 * Lanes)..].Fill(1);
            first[^remainder..].CopyTo(last);
            second[^remainder..].CopyTo(last[Lanes..]);
            scales[^remainder..].CopyTo(last[(2 * Lanes)..]);
            lastErrors.Clear();
            squares[^remainder..].CopyTo(lastErrors);
            sums[^remainder..].CopyTo(lastErrors[Lanes..]);
            AddRows(last[..Lanes], last[Lanes..(2 * Lanes)], last[(2 * Lanes)..], bound, lastErrors[..Lanes], lastErrors[Lanes..]);
            lastErrors[..remainder].CopyTo(squares[^remainder..]);
            lastErrors.Slice(Lanes, remainder).CopyTo(sums[^remainder..]);
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

    private static void AddRows(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> squares, Span<double> sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddRows<EightDoubles512>(first, second, scales, bound, squares, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            AddRows<EightDoubles256>(first, second, scales, bound, squares, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AddRows<EightDoubles128>(first, second, scales, bound, squares, sums);
        }
        else
        {
            AddRows<EightDoublesScalar>(first, second, scales, bound, squares, sums);
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
        var (squares, sum) = (TDoubles.Load(in partial, 0), TDoubles.Load(in partial, Lanes));
        for (nuint i = 0; i < (nuint)first.Length; i += Lanes)
        {
            var (firstError, secondError) = Errors(TDoubles.Widen(in left, i), TDoubles.Widen(in right, i), factor, inverse, bound);
            squares += (firstError * firstError) + (secondError * secondError);
            sum += firstError + secondError;
        }

        TDoubles.Store(squares, ref partial, 0);
        TDoubles.Store(sum, ref partial, Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows<TDoubles>(ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> scales, int bound, Span<double> squares, Span<double> sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var left = ref MemoryMarshal.GetReference(first);
        ref readonly var right = ref MemoryMarshal.GetReference(second);
        ref readonly var scale = ref MemoryMarshal.GetReference(scales);
        ref var square = ref MemoryMarshal.GetReference(squares);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (nuint i = 0; i < (nuint)first.Length; i += Lanes)
        {
            var factor = TDoubles.Widen(in scale, i);
            var inverse = TDoubles.Broadcast(1) / factor;
            var (firstError, secondError) = Errors(TDoubles.Widen(in left, i), TDoubles.Widen(in right, i), factor, inverse, bound);
            TDoubles.Store(TDoubles.Load(in square, i) + ((firstError * firstError) + (secondError * secondError)), ref square, i);
            TDoubles.Store(TDoubles.Load(in sum, i) + (firstError + secondError), ref sum, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TDoubles First, TDoubles Second) Errors<TDoubles>(TDoubles first, TDoubles second, TDoubles scale, TDoubles inverse, int bound)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        var (a, b) = (Saturate(first * inverse, sbyte.MaxValue), Saturate(second * inverse, sbyte.MaxValue));
        var (x, y) = (Round(a), Round(b));
        var sum = x + y;
        var target = Saturate(sum, bound);
        x += Round((a - x - (b - y) - (sum - target)) * TDoubles.Broadcast(0.5));
        return (first - (x * scale), second - ((target - x) * scale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Saturate<TDoubles>(TDoubles value, int limit)
        where TDoubles : struct, IEightDoubles<TDoubles> => TDoubles.Minimum(TDoubles.Maximum(value, TDoubles.Broadcast(-limit)), TDoubles.Broadcast(limit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Round<TDoubles>(TDoubles value)
        where TDoubles : struct, IEightDoubles<TDoubles> => value + TDoubles.Broadcast(Rounding.DoubleToInteger) - TDoubles.Broadcast(Rounding.DoubleToInteger);

    private static double Total(ReadOnlySpan<double> lane) => ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}
