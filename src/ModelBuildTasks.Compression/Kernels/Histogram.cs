using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Histograms with bins of equal width.</summary>
internal static class Histogram
{
    private const int MaximumBins = 1 << 20;

    // Values of a layer are often equal (zeros after Relu), and an increment waits for the one before it in the same place: neighbours count in different copies.
    private const int CopiesShift = 3;
    private const int Copies = 1 << CopiesShift;

    // The values of one cache line.
    private const int Line = 16;

    // Bins are computed this many values before they are counted, so that vectors and increments overlap (9.4 against 8.7 GB/s in cache).
    private const int Lead = 128;

    // The window of increments is too short to see the next cache line early enough (4.7 against 8.0 GB/s from memory). 512 to 4096 values are equally good.
    private const int PrefetchDistance = 1024;

    /// <summary>
    /// Counts each value in its bin, ⌊(x − minimum) · bins / (maximum − minimum)⌋ in single precision. Values outside the range, infinities included, count in the bin at that edge, NaN in
    /// the first one.
    /// </summary>
    /// <param name="values">Any number of values.</param>
    /// <param name="minimum">The lower edge of the first bin.</param>
    /// <param name="maximum">The upper edge of the last bin, which includes it.</param>
    /// <param name="counts">One count per bin, added to; at least 1 bin and at most 2²⁰.</param>
    /// <exception cref="ArgumentException">The range is empty, not finite or too wide or too narrow for a float, or the number of bins is out of range.</exception>
    public static void Add(ReadOnlySpan<float> values, float minimum, float maximum, Span<long> counts)
    {
        if (counts.Length is < 1 or > MaximumBins)
        {
            throw new ArgumentException($"A histogram has between 1 and {MaximumBins} bins, not {counts.Length}.", nameof(counts));
        }

        var width = maximum - minimum;
        var factor = (float)(counts.Length / (double)width);
        if (!(width > 0 && float.IsFinite(width) && float.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, $"There are no {counts.Length} bins between {minimum} and {maximum}.");
        }

        // Below that, clearing and adding up the copies would cost more than they save.
        var copiesLength = counts.Length * Copies;
        if (values.Length < Math.Max(copiesLength, Lead))
        {
            CountOneByOne(values, minimum, factor, counts);
            return;
        }

        var copies = ArrayPool<int>.Shared.Rent(copiesLength);
        try
        {
            var kernel = new Kernel(values, minimum, factor, counts, copies.AsSpan(0, copiesLength));
            WidestVector.Run(ref kernel);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(copies);
        }
    }

    private static void CountOneByOne(ReadOnlySpan<float> values, float minimum, float factor, Span<long> counts)
    {
        var bins = new Bins<Singles1>(minimum, factor, counts.Length, shift: 0);
        ref readonly var source = ref MemoryMarshal.GetReference(values);
        for (nuint i = 0; i < (nuint)values.Length; i++)
        {
            var bin = 0;
            bins.Store(in source, i, ref bin, 0);
            counts[bin]++;
        }
    }

    private readonly struct Bins<TSingles>(float minimum, float factor, int count, int shift)
        where TSingles : struct, ISingles<TSingles>
    {
        private readonly TSingles _minimum = TSingles.Broadcast(minimum);
        private readonly TSingles _factor = TSingles.Broadcast(factor);
        private readonly TSingles _last = TSingles.Broadcast(count - 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(ref readonly float source, nuint sourceOffset, ref int bins, nuint offset)
        {
            var position = TSingles.ZeroWhereNaN((TSingles.Load(in source, sourceOffset) - _minimum) * _factor);
            TSingles.StoreTruncated(TSingles.Minimum(TSingles.Maximum(position, TSingles.Broadcast(0)), _last), shift, ref bins, offset);
        }
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, float minimum, float factor, Span<long> counts, Span<int> copies) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> _values = values;
        private readonly Span<long> _counts = counts;
        private readonly Span<int> _copies = copies;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var leads = _values.Length - (_values.Length % Lead);
            _copies.Clear();
            CountLeads<TSingles>(_values[..leads]);
            for (var i = 0; i < _copies.Length; i++)
            {
                _counts[i >> CopiesShift] += _copies[i];
            }

            CountOneByOne(_values[leads..], minimum, factor, _counts);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private unsafe void CountLeads<TSingles>(ReadOnlySpan<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            var place = new Bins<TSingles>(minimum, factor, _counts.Length, CopiesShift);
            // One half is written while the other is counted.
            var bins = stackalloc int[2 * Lead];
            // A pointer: with a reference every increment needs one more instruction for its address (66 against 70 % of a memory copy).
            fixed (int* counts = _copies)
            {
                for (nuint i = 0; i < Lead; i += (nuint)TSingles.Count)
                {
                    place.Store(in source, i, ref *bins, i);
                }

                nuint start = 0;
                for (; start < (nuint)values.Length - Lead; start += Line)
                {
                    Prefetch.Line(in source, start + PrefetchDistance);
                    for (nuint i = 0; i < Line; i += (nuint)TSingles.Count)
                    {
                        var ahead = start + Lead + i;
                        place.Store(in source, ahead, ref *bins, ahead % (2 * Lead));
                    }

                    CountLine(bins + (start % (2 * Lead)), counts);
                }

                for (; start < (nuint)values.Length; start += Line)
                {
                    CountLine(bins + (start % (2 * Lead)), counts);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe void CountLine(int* bins, int* counts)
        {
            for (var i = 0; i < Line; i += Copies)
            {
                CountPair(bins + i, counts);
                CountPair(bins + i + 2, counts + 2);
                CountPair(bins + i + 4, counts + 4);
                CountPair(bins + i + 6, counts + 6);
            }
        }

        // One load of two bins is faster than two. Which of them counts in which copy does not matter.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe void CountPair(int* bins, int* counts)
        {
            var pair = *(ulong*)bins;
            counts[(uint)pair]++;
            counts[(pair >> 32) + 1]++;
        }
    }
}
