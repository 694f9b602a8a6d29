using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The sum of every channel of a tensor, in double precision and an order that does not depend on the processor.</summary>
internal static class ChannelSums
{
    private const int Lanes = 8;

    /// <summary>
    /// Adds the sum of each channel. Where a channel's values lie one behind the other, they have eight partial sums, one for each index modulo eight; where channels lie one behind the other, their values are added row by row.
    /// </summary>
    /// <param name="values">A tensor [outer, channels, inner].</param>
    /// <param name="outer">The product of the dimensions before the channels.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="inner">The product of the dimensions after the channels.</param>
    /// <param name="sums">One per channel.</param>
    /// <exception cref="ArgumentException">The values do not make such a tensor, or the sums are not as many as the channels.</exception>
    public static void Add(ReadOnlySpan<float> values, int outer, int channels, int inner, Span<double> sums)
    {
        ChannelLayout.Check(values.Length, outer, channels, inner);
        if (sums.Length != channels)
        {
            throw new ArgumentException($"{sums.Length} sums do not fit {channels} channels.", nameof(sums));
        }

        if (inner == 1)
        {
            for (; !values.IsEmpty; values = values[channels..])
            {
                AddRow(values[..channels], sums);
            }

            return;
        }

        for (var channel = 0; !values.IsEmpty; channel = (channel + 1) % channels)
        {
            sums[channel] += Sum(values[..inner]);
            values = values[inner..];
        }
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        Span<double> partial = stackalloc double[Lanes];
        partial.Clear();
        var remainder = values.Length % Lanes;
        AddAll(values[..^remainder], partial);
        for (var lane = 0; lane < remainder; lane++)
        {
            partial[lane] += values[values.Length - remainder + lane];
        }

        return ((partial[0] + partial[1]) + (partial[2] + partial[3])) + ((partial[4] + partial[5]) + (partial[6] + partial[7]));
    }

    private static void AddAll(ReadOnlySpan<float> values, Span<double> partial)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            AddAll<EightDoubles512>(values, partial);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            AddAll<EightDoubles256>(values, partial);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AddAll<EightDoubles128>(values, partial);
        }
        else
        {
            AddAll<EightDoublesScalar>(values, partial);
        }
    }

    /// <summary>Adds each value to the sum at its place. There are as many sums as values.</summary>
    internal static void AddRow(ReadOnlySpan<float> row, Span<double> sums)
    {
        var remainder = row.Length % Lanes;
        var whole = row[..^remainder];
        var wholeSums = sums[..^remainder];
        if (Vector512.IsHardwareAccelerated)
        {
            AddRow<EightDoubles512>(whole, wholeSums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            AddRow<EightDoubles256>(whole, wholeSums);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AddRow<EightDoubles128>(whole, wholeSums);
        }
        else
        {
            AddRow<EightDoublesScalar>(whole, wholeSums);
        }

        for (var channel = whole.Length; channel < row.Length; channel++)
        {
            sums[channel] += row[channel];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddAll<TDoubles>(ReadOnlySpan<float> values, Span<double> partial)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var value = ref MemoryMarshal.GetReference(values);
        ref var first = ref MemoryMarshal.GetReference(partial);
        var sum = TDoubles.Load(in first, 0);
        for (nuint i = 0; i < (nuint)values.Length; i += Lanes)
        {
            sum += TDoubles.Widen(in value, i);
        }

        TDoubles.Store(sum, ref first, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow<TDoubles>(ReadOnlySpan<float> row, Span<double> sums)
        where TDoubles : struct, IEightDoubles<TDoubles>
    {
        ref readonly var value = ref MemoryMarshal.GetReference(row);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (nuint i = 0; i < (nuint)row.Length; i += Lanes)
        {
            TDoubles.Store(TDoubles.Load(in sum, i) + TDoubles.Widen(in value, i), ref sum, i);
        }
    }
}
