using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Histograms with bins of equal width.</summary>
internal static class Histogram
{
    // Values of a layer are often equal (zeros after Relu): an increment that waits for the one before it costs a store and a load. Neighbours count in different copies.
    private const int CopiesShift = 3;
    private const int Copies = 1 << CopiesShift;

    // Bins of one round, computed by vectors before they are counted; a multiple of every vector width and of the copies.
    private const int Round = 64;

    /// <summary>
    /// Counts each value in its bin, ⌊(x − minimum) · bins / (maximum − minimum)⌋ in single precision. Values outside the range, infinities included, count in the bin at that edge, NaN in
    /// the first one.
    /// </summary>
    /// <param name="values">Any number of values.</param>
    /// <param name="minimum">The lower edge of the first bin.</param>
    /// <param name="maximum">The upper edge of the last bin, which includes it.</param>
    /// <param name="counts">One count per bin, added to; at least 1 bin and at most 2²⁰.</param>
    /// <exception cref="ArgumentException">The range is empty, not finite or too wide for a float, or the number of bins is out of range.</exception>
    public static void Add(ReadOnlySpan<float> values, float minimum, float maximum, Span<long> counts)
    {
        if (counts.Length is < 1 or > 1 << 20)
        {
            throw new ArgumentException($"A histogram of {counts.Length} bins.", nameof(counts));
        }

        var width = maximum - minimum;
        var factor = (float)(counts.Length / (double)width);
        if (!(width > 0 && float.IsFinite(width) && float.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, $"A histogram from {minimum} to {maximum} has no bins.");
        }

        var copies = ArrayPool<int>.Shared.Rent(counts.Length * Copies);
        try
        {
            var kernel = new Kernel(values, counts, copies.AsSpan(0, counts.Length * Copies), minimum, factor);
            WidestVector.Run(ref kernel);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(copies);
        }
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, Span<long> counts, Span<int> copies, float minimum, float factor) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> _values = values;
        private readonly Span<long> _counts = counts;
        private readonly Span<int> _copies = copies;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var rounds = _values.Length / Round * Round;
            if (rounds < _copies.Length)
            {
                // Clearing and adding up the copies would cost more than they save.
                rounds = 0;
            }
            else
            {
                _copies.Clear();
                CountRounds<TSingles>(_values[..rounds]);
                for (var i = 0; i < _copies.Length; i++)
                {
                    _counts[i >> CopiesShift] += _copies[i];
                }
            }

            foreach (ref readonly var value in _values[rounds..])
            {
                var bin = 0;
                StoreBins(Singles1.Load(in value, 0), Singles1.Broadcast(minimum), Singles1.Broadcast(factor), Singles1.Broadcast(_counts.Length - 1), 0, ref bin, 0);
                _counts[bin]++;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreBins<TSingles>(TSingles value, TSingles low, TSingles scale, TSingles last, int shift, ref int bins, nuint offset)
            where TSingles : struct, ISingles<TSingles>
        {
            var position = TSingles.ZeroWhereNaN((value - low) * scale);
            TSingles.StoreTruncated(TSingles.Minimum(TSingles.Maximum(position, TSingles.Broadcast(0)), last), shift, ref bins, offset);
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void CountRounds<TSingles>(ReadOnlySpan<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            ref var count = ref MemoryMarshal.GetReference(_copies);
            Span<int> bins = stackalloc int[Round];
            ref var bin = ref MemoryMarshal.GetReference(bins);
            var low = TSingles.Broadcast(minimum);
            var scale = TSingles.Broadcast(factor);
            var last = TSingles.Broadcast(_counts.Length - 1);
            for (nuint start = 0; start < (nuint)values.Length; start += Round)
            {
                for (nuint i = 0; i < Round; i += (nuint)TSingles.Count)
                {
                    StoreBins(TSingles.Load(in source, start + i), low, scale, last, CopiesShift, ref bin, i);
                }

                for (nuint i = 0; i < Round; i += Copies)
                {
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i))++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 1) + 1)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 2) + 2)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 3) + 3)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 4) + 4)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 5) + 5)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 6) + 6)++;
                    Unsafe.Add(ref count, Unsafe.Add(ref bin, i + 7) + 7)++;
                }
            }
        }
    }
}
