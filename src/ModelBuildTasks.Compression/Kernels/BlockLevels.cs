using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Blocks of weights, which are the columns of a matrix, to one of sixteen levels, each in a byte of its own.</summary>
internal static class BlockLevels
{
    /// <summary>round(w / scale) − lowest, ties to even, within 0 … 15: the levels whose error <see cref="BlockErrors"/> tells.</summary>
    /// <param name="values">Rows of as many values as there are scales; finite.</param>
    /// <param name="scales">One per column, of either sign, not zero.</param>
    /// <param name="lowest">The least level of each column, −15 to 0.</param>
    /// <param name="levels">As many as values.</param>
    /// <exception cref="ArgumentException">A length does not fit the columns.</exception>
    public static void Of(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<byte> levels)
    {
        BlockColumns.Check(values.Length, scales.Length, lowest.Length, scales.Length);
        BlockColumns.CheckEach(values.Length, levels.Length);
        var kernel = new Kernel(values, scales, lowest, levels);
        WidestVector.Run(ref kernel);
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<byte> levels) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly ReadOnlySpan<float> scales = scales;
        private readonly ReadOnlySpan<float> lowest = lowest;
        private readonly Span<byte> levels = levels;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var columns = (nuint)scales.Length;
            var vectorized = columns - (columns % (nuint)TSingles.Count);
            Round<TSingles>(0, vectorized);
            Round<Singles1>(vectorized, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Round<TSingles>(nuint column, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref readonly var scale = ref MemoryMarshal.GetReference(scales);
            ref readonly var least = ref MemoryMarshal.GetReference(lowest);
            ref var level = ref MemoryMarshal.GetReference(levels);
            var toInteger = TSingles.Broadcast(Rounding.ToInteger);
            for (; column < end; column += (nuint)TSingles.Count)
            {
                var inverse = TSingles.Broadcast(1) / TSingles.Load(in scale, column);
                var low = TSingles.Load(in least, column);
                var high = low + TSingles.Broadcast(BlockColumns.Levels - 1);
                for (var place = column; place < (nuint)values.Length; place += (nuint)scales.Length)
                {
                    // Rounded before the least level is taken off: the difference would round what lies in the middle otherwise.
                    var rounded = TSingles.Minimum(TSingles.Maximum(TSingles.Load(in value, place) * inverse, low), high) + toInteger - toInteger;
                    TSingles.StoreRoundedBytes(rounded - low, 0, ref level, place);
                }
            }
        }
    }
}
