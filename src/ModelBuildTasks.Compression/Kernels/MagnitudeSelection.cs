using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// The threshold below which a given number of the smallest magnitudes lies, without a sort: a radix selection over the bits of |x|, whose order is that of the magnitudes. Values may come in parts: <see cref="Count"/> each of them,
/// <see cref="Narrow"/> to the few that share their upper bits with the threshold, and <see cref="CountNarrowed"/> each part again.
/// </summary>
internal sealed class MagnitudeSelection
{
    // Of the 31 bits of a magnitude, those that the first pass counts by and those that are left to the second.
    private const int LowerBits = 15;
    private const int Bins = 1 << (31 - LowerBits);

    // An increment waits for the one before it in the same place, and pruned weights are often equal: neighbours count in different copies.
    private const int Copies = 4;

    // The values of one cache line.
    private const int Line = 16;

    // As in Histogram.
    private const int PrefetchDistance = 1024;

    // A prime: no width of a matrix makes a sample of the same columns in all rows.
    private const int SampledLines = 61;
    private const int SampledAhead = 16;

    // Fewer values are counted as fast as they are sampled.
    private const int MinimumSampledLength = 1 << 20;

    // Deviations of a sample's rank: 4√n are eight of independent values, whose deviation is at most √n / 2. Neighbours are alike, which leaves fewer.
    private const int Deviations = 4;

    // Wider is the range of a rank near 0, where magnitudes of many exponents are neighbours.
    private const int MaximumNarrowedWidth = 1 << 20;

    private readonly long[] counts = new long[Bins * Copies];
    private long[] narrowedCounts = [];
    private long total;
    private long below;
    private long wanted = -1;
    private int lowest;

    /// <summary>The threshold, once every part was counted twice.</summary>
    /// <exception cref="InvalidOperationException">The second pass did not see the values of the first one.</exception>
    public MagnitudeThreshold Threshold => Find() ?? throw new InvalidOperationException("Both passes must see the same values.");

    /// <summary>The threshold of values that are all there.</summary>
    /// <param name="values">Any values.</param>
    /// <param name="rank">How many of the smallest magnitudes are wanted, at most all.</param>
    public static MagnitudeThreshold Of(ReadOnlySpan<float> values, long rank)
    {
        if (values.Length >= MinimumSampledLength && OfSampled(values, rank) is { } found)
        {
            return found;
        }

        var selection = new MagnitudeSelection();
        selection.Count(values);
        selection.Narrow(rank);
        selection.CountNarrowed(values);
        return selection.Threshold;
    }

    /// <summary>Counts values of the first pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Count(ReadOnlySpan<float> values)
    {
        total += values.Length;
        var vectorized = values.Length - (values.Length % Line);
        fixed (float* source = values)
        fixed (long* count = counts)
        {
            var bits = (uint*)source;
            for (nuint line = 0; line < (nuint)vectorized; line += Line)
            {
                Prefetch.Line(in *source, line + PrefetchDistance);
                CountLine(bits + line, count);
            }

            for (var i = vectorized; i < values.Length; i++)
            {
                count[Bin(bits[i]) * Copies]++;
            }
        }
    }

    /// <summary>Ends the first pass: the second one only has to look at magnitudes with the upper bits of the threshold.</summary>
    /// <param name="rank">How many of the smallest magnitudes are wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than there are values.</exception>
    public void Narrow(long rank)
    {
        Want(rank);
        var (bin, _) = BinOf(Math.Max(rank, 1));
        Restrict(bin, bin);
    }

    /// <summary>Counts values of the second pass, which sees those of the first one in any order.</summary>
    /// <exception cref="InvalidOperationException">The first pass was not ended.</exception>
    public void CountNarrowed(ReadOnlySpan<float> values)
    {
        if (wanted < 0)
        {
            throw new InvalidOperationException("The second pass begins after the first one was narrowed.");
        }

        var kernel = new Kernel(values, lowest, narrowedCounts);
        WidestVector.Run(ref kernel);
        below += kernel.Below;
    }

    // One pass: a sample tells between which magnitudes the threshold probably lies, and the pass tells whether it does.
    private static MagnitudeThreshold? OfSampled(ReadOnlySpan<float> values, long rank)
    {
        var selection = new MagnitudeSelection();
        var sampled = selection.CountSample(values);
        selection.Want(rank);
        var deviation = Deviations * (long)Math.Sqrt(sampled);
        var sampledRank = (long)((double)rank / values.Length * sampled);
        var (first, _) = selection.BinOf(Math.Max(sampledRank - deviation, 1));
        var (last, isLast) = selection.BinOf(sampledRank + deviation);
        if (isLast || last - first >= MaximumNarrowedWidth >> LowerBits)
        {
            return null;
        }

        selection.Restrict(first, last);
        selection.CountNarrowed(values);
        return selection.Find();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe long CountSample(ReadOnlySpan<float> values)
    {
        const int Stride = SampledLines * Line;
        total = values.Length;
        var lines = (values.Length / Stride) + (values.Length % Stride >= Line ? 1 : 0);
        fixed (float* source = values)
        fixed (long* count = counts)
        {
            for (nuint line = 0; line < (nuint)lines; line++)
            {
                // Lines of memory: what is read need not begin with one.
                Prefetch.Line(in *source, (line + SampledAhead) * Stride);
                Prefetch.Line(in *source, ((line + SampledAhead) * Stride) + Line - 1);
                CountLine((uint*)source + (line * Stride), count);
            }
        }

        return (long)lines * Line;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CountLine(uint* bits, long* count)
    {
        for (var i = 0; i < Line; i += Copies)
        {
            count[Bin(bits[i]) * Copies]++;
            count[(Bin(bits[i + 1]) * Copies) + 1]++;
            count[(Bin(bits[i + 2]) * Copies) + 2]++;
            count[(Bin(bits[i + 3]) * Copies) + 3]++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bin(uint bits) => (bits & int.MaxValue) >> LowerBits;

    private void Want(long rank)
    {
        if (rank < 0 || rank > total)
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"{rank} of {total} magnitudes cannot be wanted.");
        }

        wanted = rank;
    }

    private void Restrict(int first, int last)
    {
        lowest = first << LowerBits;
        narrowedCounts = new long[(last - first + 1) << LowerBits];
        below = 0;
    }

    /// <summary>The bin that holds a rank, or the last one where there are fewer values.</summary>
    private (int Bin, bool IsBeyond) BinOf(long rank)
    {
        var sum = 0L;
        for (var bin = 0; bin < Bins; bin++)
        {
            foreach (var count in counts.AsSpan(bin * Copies, Copies))
            {
                sum += count;
            }

            if (sum >= rank)
            {
                return (bin, false);
            }
        }

        return (Bins - 1, true);
    }

    private MagnitudeThreshold? Find()
    {
        if (wanted == 0)
        {
            return default(MagnitudeThreshold);
        }

        var sum = below;
        for (var i = 0; i < narrowedCounts.Length && sum < wanted; i++)
        {
            if (sum + narrowedCounts[i] >= wanted)
            {
                return new(BitConverter.Int32BitsToSingle(lowest + i), sum, wanted - sum);
            }

            sum += narrowedCounts[i];
        }

        return null;
    }

    private ref struct Kernel(ReadOnlySpan<float> values, int lowest, Span<long> counts) : ISinglesKernel
    {
        // Values of which one comparison tells that none is counted.
        private const int Block = 64;

        // Blocks that are compared before what was found in them is listed: a branch for each block would be mispredicted, and wait for memory.
        private const int Blocks = 32;

        // Magnitudes that are listed before they are counted: what is read meanwhile takes the place of the counts in the cache, which are then fetched one after the other (9 ms of 30 for 100 million values).
        private const int ListLength = 1 << 14;

        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<long> counts = counts;

        public long Below { get; private set; }

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = values.Length - (values.Length % Block);
            CountBlocks<TSingles>(values[..vectorized]);
            CountOneByOne(values[vectorized..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private unsafe void CountBlocks<TSingles>(ReadOnlySpan<float> blocks)
            where TSingles : struct, ISingles<TSingles>
        {
            var low = TSingles.Broadcast(BitConverter.Int32BitsToSingle(lowest - 1));
            var high = TSingles.Broadcast(BitConverter.Int32BitsToSingle(lowest + (counts.Length - 1)));
            var found = stackalloc ulong[Blocks];
            var places = stackalloc float*[Blocks];
            var (less, listed) = (0L, 0);
            var rented = ArrayPool<int>.Shared.Rent(ListLength + (Blocks * Block));
            fixed (float* source = blocks)
            fixed (int* list = rented)
            {
                var end = source + blocks.Length;
                for (var block = source; block < end;)
                {
                    var foundBlocks = 0;
                    for (var stop = block + (Math.Min(Blocks, (end - block) / Block) * Block); block < stop; block += Block)
                    {
                        var (notBelow, above) = (0UL, 0UL);
                        for (nuint i = 0; i < Block; i += (nuint)TSingles.Count)
                        {
                            var value = TSingles.Load(in *block, i);
                            notBelow |= (ulong)TSingles.GreaterMagnitudes(value, low) << (int)i;
                            above |= (ulong)TSingles.GreaterMagnitudes(value, high) << (int)i;
                        }

                        for (nuint i = 0; i < Block; i += Line)
                        {
                            Prefetch.Line(in *block, i + PrefetchDistance);
                        }

                        less += Block - BitOperations.PopCount(notBelow);
                        var inside = notBelow & ~above;
                        found[foundBlocks] = inside;
                        places[foundBlocks] = block;
                        foundBlocks += inside != 0 ? 1 : 0;
                    }

                    for (var i = 0; i < foundBlocks; i++)
                    {
                        var inside = found[i];
                        do
                        {
                            list[listed++] = BitConverter.SingleToInt32Bits(places[i][BitOperations.TrailingZeroCount(inside)]) & int.MaxValue;
                            inside &= inside - 1;
                        }
                        while (inside != 0);
                    }

                    if (listed >= ListLength)
                    {
                        CountListed(list, listed);
                        listed = 0;
                    }
                }

                CountListed(list, listed);
            }

            ArrayPool<int>.Shared.Return(rented);
            Below += less;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private unsafe void CountListed(int* list, int length)
        {
            ref var count = ref MemoryMarshal.GetReference(counts);
            for (var i = 0; i < length; i++)
            {
                Unsafe.Add(ref count, list[i] - lowest)++;
            }
        }

        private void CountOneByOne(ReadOnlySpan<float> rest)
        {
            foreach (var value in rest)
            {
                var place = (BitConverter.SingleToInt32Bits(value) & int.MaxValue) - lowest;
                if (place < 0)
                {
                    Below++;
                }
                else if (place < counts.Length)
                {
                    counts[place]++;
                }
            }
        }
    }
}
