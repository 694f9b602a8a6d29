using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Histograms with bins of equal width.</summary>
internal static class Histogram
{
    private const int MaximumBins = 1 << 20;

    // Values of a layer are often equal (zeros after Relu), and an increment waits for the one before it in the same place: neighbours count in different copies. 16 bits keep eight copies of
    // 2048 bins in the first-level cache (8.8 against 7.9 GB/s with 32 bits).
    private const int CopiesShift = 3;
    private const int Copies = 1 << CopiesShift;

    // More bins do not fit the second-level cache in copies.
    private const int MaximumBinsWithCopies = 1 << 14;

    // The values of one cache line.
    private const int Line = 16;

    // Bins are computed this many values before they are counted, so that vectors and increments overlap (9.4 against 8.7 GB/s in cache).
    private const int Lead = 128;

    // What a copy can count before it overflows: a copy sees one of eight values.
    private const int BlockLength = ushort.MaxValue * Copies / Lead * Lead;

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

        // With few values, adding up the copies would cost more than they save.
        var copiesLength = counts.Length * Copies;
        if (counts.Length > MaximumBinsWithCopies || values.Length < Math.Max(counts.Length, Lead))
        {
            var direct = new DirectKernel(values, minimum, factor, counts);
            WidestVector.Run(ref direct);
            return;
        }

        var copies = ArrayPool<ushort>.Shared.Rent(copiesLength);
        try
        {
            var kernel = new Kernel(values, minimum, factor, counts, copies.AsSpan(0, copiesLength));
            WidestVector.Run(ref kernel);
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(copies);
        }
    }

    private static void CountOneByOne(ReadOnlySpan<float> values, float minimum, float factor, Span<long> counts)
    {
        var place = new Bins<Singles1>(minimum, factor, counts.Length, shift: 0);
        ref readonly var source = ref MemoryMarshal.GetReference(values);
        for (nuint i = 0; i < (nuint)values.Length; i++)
        {
            var bin = 0;
            place.Store(in source, i, ref bin, 0);
            counts[bin]++;
        }
    }

    private readonly struct Bins<TSingles>(float minimum, float factor, int count, int shift)
        where TSingles : struct, ISingles<TSingles>
    {
        private readonly TSingles low = TSingles.Broadcast(minimum);
        private readonly TSingles scale = TSingles.Broadcast(factor);
        private readonly TSingles last = TSingles.Broadcast(count - 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(ref readonly float source, nuint sourceOffset, ref int bins, nuint offset)
        {
            var position = TSingles.ZeroWhereNaN((TSingles.Load(in source, sourceOffset) - low) * scale);
            TSingles.StoreTruncated(TSingles.Minimum(TSingles.Maximum(position, TSingles.Broadcast(0)), last), shift, ref bins, offset);
        }
    }

    private readonly ref struct DirectKernel(ReadOnlySpan<float> values, float minimum, float factor, Span<long> counts) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<long> counts = counts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var place = new Bins<TSingles>(minimum, factor, counts.Length, shift: 0);
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            ref var count = ref MemoryMarshal.GetReference(counts);
            Span<int> bins = stackalloc int[Line];
            ref var bin = ref MemoryMarshal.GetReference(bins);
            var vectorized = values.Length - (values.Length % Line);
            for (nuint line = 0; line < (nuint)vectorized; line += Line)
            {
                for (nuint i = 0; i < Line; i += (nuint)TSingles.Count)
                {
                    place.Store(in source, line + i, ref bin, i);
                }

                for (nuint i = 0; i < Line; i++)
                {
                    Unsafe.Add(ref count, (nuint)Unsafe.Add(ref bin, i))++;
                }
            }

            CountOneByOne(values[vectorized..], minimum, factor, counts);
        }
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, float minimum, float factor, Span<long> counts, Span<ushort> copies) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<long> counts = counts;
        private readonly Span<ushort> copies = copies;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var rest = values;
            while (rest.Length >= Lead)
            {
                var block = rest[..Math.Min(BlockLength, rest.Length - (rest.Length % Lead))];
                copies.Clear();
                CountBlock<TSingles>(block);
                AddUpCopies();
                rest = rest[block.Length..];
            }

            CountOneByOne(rest, minimum, factor, counts);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private unsafe void CountBlock<TSingles>(ReadOnlySpan<float> block)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(block);
            var place = new Bins<TSingles>(minimum, factor, counts.Length, CopiesShift);
            var bins = stackalloc int[Lead];
            // A pointer: with a reference every increment needs one more instruction for its address (66 against 70 % of a memory copy).
            fixed (ushort* firstCopy = copies)
            {
                for (nuint i = 0; i < Lead; i += (nuint)TSingles.Count)
                {
                    place.Store(in source, i, ref *bins, i);
                }

                for (nuint ahead = Lead; ahead < (nuint)block.Length; ahead += Lead)
                {
                    for (nuint line = 0; line < Lead; line += Line)
                    {
                        Prefetch.Line(in source, ahead + line + PrefetchDistance);
                        CountLine(bins + line, firstCopy);
                        for (nuint i = line; i < line + Line; i += (nuint)TSingles.Count)
                        {
                            place.Store(in source, ahead + i, ref *bins, i);
                        }
                    }
                }

                for (nuint line = 0; line < Lead; line += Line)
                {
                    CountLine(bins + line, firstCopy);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe void CountLine(int* bins, ushort* firstCopy)
        {
            for (var i = 0; i < Line; i += Copies)
            {
                CountPair(bins + i, firstCopy);
                CountPair(bins + i + 2, firstCopy + 2);
                CountPair(bins + i + 4, firstCopy + 4);
                CountPair(bins + i + 6, firstCopy + 6);
            }
        }

        // One load of two bins is faster than two. Which of them counts in which copy does not matter.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe void CountPair(int* bins, ushort* copy)
        {
            var pair = *(ulong*)bins;
            copy[(uint)pair]++;
            copy[(pair >> 32) + 1]++;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void AddUpCopies()
        {
            ref readonly var eight = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<ushort, ulong>(copies));
            foreach (ref var count in counts)
            {
                var (first, second) = (eight, Unsafe.Add(ref Unsafe.AsRef(in eight), 1));
                eight = ref Unsafe.Add(ref Unsafe.AsRef(in eight), 2);
                // A block of one tensor meets few of the bins.
                if ((first | second) != 0)
                {
                    count += Sum(first) + Sum(second);
                }
            }
        }

        // Pairs are added in 32 bits, where no count of a block overflows.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static long Sum(ulong four)
        {
            var pairs = (four & 0x0000FFFF0000FFFF) + ((four >> 16) & 0x0000FFFF0000FFFF);
            return (uint)pairs + (long)(pairs >> 32);
        }
    }
}
