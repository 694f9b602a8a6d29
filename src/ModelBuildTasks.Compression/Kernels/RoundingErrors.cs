using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Σ (w − q · scale)² for q = w / scale, rounded to the nearest integer within ±highest: what a scale is chosen by. In double precision and an order that does not depend on the processor.
/// The quotients are doubles here, so that a value in the middle between two integers may be rounded to the other one, with the same error.
/// </summary>
internal static class RoundingErrors
{
    private const int Lanes = 8;

    /// <summary>The squared errors of values with one scale. Eight partial sums, one for each index modulo eight.</summary>
    /// <param name="values">Finite.</param>
    /// <param name="scale">Positive.</param>
    /// <param name="highest">The largest |q|, at least 1.</param>
    public static double Of(ReadOnlySpan<float> values, float scale, int highest)
    {
        Span<double> sums = stackalloc double[Lanes];
        sums.Clear();
        var remainder = values.Length % Lanes;
        Add(values[..^remainder], scale, highest, sums);
        if (remainder > 0)
        {
            // Zeros have no error.
            Span<float> last = stackalloc float[Lanes];
            last.Clear();
            values[^remainder..].CopyTo(last);
            Add(last, scale, highest, sums);
        }

        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }

    /// <summary>Adds the squared error of each value to that of its channel.</summary>
    /// <param name="values">A row of a matrix whose columns are channels; finite.</param>
    /// <param name="scales">One per channel, positive.</param>
    /// <param name="highest">The largest |q|, at least 1.</param>
    /// <param name="squares">One sum per channel.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void AddPerChannel(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, int highest, Span<double> squares)
    {
        if (scales.Length != values.Length || squares.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fit {scales.Length} scales and {squares.Length} errors.", nameof(values));
        }

        var remainder = values.Length % Lanes;
        AddRow(values[..^remainder], scales[..^remainder], highest, squares[..^remainder]);
        if (remainder > 0)
        {
            Span<float> last = stackalloc float[2 * Lanes];
            Span<double> lastSquares = stackalloc double[Lanes];
            last[..Lanes].Clear();
            last[Lanes..].Fill(1);
            values[^remainder..].CopyTo(last);
            scales[^remainder..].CopyTo(last[Lanes..]);
            lastSquares.Clear();
            squares[^remainder..].CopyTo(lastSquares);
            AddRow(last[..Lanes], last[Lanes..], highest, lastSquares);
            lastSquares[..remainder].CopyTo(squares[^remainder..]);
        }
    }

    private static void Add(ReadOnlySpan<float> values, float scale, int highest, Span<double> sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add<EightDoubles512>(values, scale, highest, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Add<EightDoubles256>(values, scale, highest, sums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Add<EightDoubles128>(values, scale, highest, sums);
        }
        else
        {
            Add<EightDoublesScalar>(values, scale, highest, sums);
        }
    }

    private static void AddRow(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, int highest, Span<double> squares)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddRow<EightDoubles512>(values, scales, highest, squares);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            AddRow<EightDoubles256>(values, scales, highest, squares);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AddRow<EightDoubles128>(values, scales, highest, squares);
        }
        else
        {
            AddRow<EightDoublesScalar>(values, scales, highest, squares);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TDoubles>(ReadOnlySpan<float> values, float scale, int highest, Span<double> sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var value = ref MemoryMarshal.GetReference(values);
        ref var partial = ref MemoryMarshal.GetReference(sums);
        var (factor, inverse) = (TDoubles.Broadcast(scale), TDoubles.Broadcast(1.0 / scale));
        var sum = TDoubles.Load(in partial, 0);
        for (nuint i = 0; i < (nuint)values.Length; i += Lanes)
        {
            var error = Error(TDoubles.Widen(in value, i), factor, inverse, highest);
            sum += error * error;
        }

        TDoubles.Store(sum, ref partial, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow<TDoubles>(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, int highest, Span<double> squares)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var value = ref MemoryMarshal.GetReference(values);
        ref readonly var scale = ref MemoryMarshal.GetReference(scales);
        ref var square = ref MemoryMarshal.GetReference(squares);
        for (nuint i = 0; i < (nuint)values.Length; i += Lanes)
        {
            var factor = TDoubles.Widen(in scale, i);
            var error = Error(TDoubles.Widen(in value, i), factor, TDoubles.Broadcast(1) / factor, highest);
            TDoubles.Store(TDoubles.Load(in square, i) + (error * error), ref square, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TDoubles Error<TDoubles>(TDoubles value, TDoubles scale, TDoubles inverse, int highest)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        var level = TDoubles.Minimum(TDoubles.Maximum(value * inverse, TDoubles.Broadcast(-highest)), TDoubles.Broadcast(highest));
        return value - ((level + TDoubles.Broadcast(Rounding.DoubleToInteger) - TDoubles.Broadcast(Rounding.DoubleToInteger)) * scale);
    }
}
