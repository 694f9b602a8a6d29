using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>
/// Sums over blocks of weights that are rounded to sixteen levels: q = round(w / scale), ties to even, within lowest … lowest + 15. The blocks are the columns of a matrix, so that each is summed in the order of its
/// elements, whatever the width of a vector is.
/// </summary>
internal static class BlockSums
{
    /// <param name="values">Rows of as many values as there are scales; finite.</param>
    /// <param name="importance">One for each value.</param>
    /// <param name="scales">One per column, of either sign, not zero.</param>
    /// <param name="lowest">The least level of each column, −15 to 0.</param>
    /// <param name="results">One per column, overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit the columns, or there is not one importance for each value.</exception>
    public static void Of<TOperator>(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<float> results)
        where TOperator : struct, IBlockOperator
    {
        BlockColumns.Check(values.Length, scales.Length, lowest.Length, results.Length);
        BlockColumns.CheckEach(values.Length, importance.Length);
        var kernel = new Kernel<TOperator>(values, importance, scales, lowest, results);
        WidestVector.Run(ref kernel);
    }

    private readonly ref struct Kernel<TOperator>(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<float> results) : ISinglesKernel
        where TOperator : struct, IBlockOperator
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly ReadOnlySpan<float> importance = importance;
        private readonly ReadOnlySpan<float> scales = scales;
        private readonly ReadOnlySpan<float> lowest = lowest;
        private readonly Span<float> results = results;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var columns = (nuint)scales.Length;
            var vectorized = columns - (columns % (nuint)TSingles.Count);
            Sum<TSingles>(0, vectorized);
            Sum<Singles1>(vectorized, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Sum<TSingles>(nuint column, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref readonly var weight = ref MemoryMarshal.GetReference(importance);
            ref readonly var scale = ref MemoryMarshal.GetReference(scales);
            ref readonly var least = ref MemoryMarshal.GetReference(lowest);
            ref var result = ref MemoryMarshal.GetReference(results);
            var toInteger = TSingles.Broadcast(Rounding.ToInteger);
            for (; column < end; column += (nuint)TSingles.Count)
            {
                var factor = TSingles.Load(in scale, column);
                var inverse = TSingles.Broadcast(1) / factor;
                var low = TSingles.Load(in least, column);
                var high = low + TSingles.Broadcast(BlockColumns.Levels - 1);
                var (first, second) = (TSingles.Broadcast(0), TSingles.Broadcast(0));
                for (var place = column; place < (nuint)values.Length; place += (nuint)scales.Length)
                {
                    var original = TSingles.Load(in value, place);
                    // Clipping before rounding gives the same level, as the limits are integers.
                    var level = TSingles.Minimum(TSingles.Maximum(original * inverse, low), high) + toInteger - toInteger;
                    TOperator.Add(original, TSingles.Load(in weight, place), level, factor, ref first, ref second);
                }

                TSingles.Store(TOperator.Result(first, second), ref result, column);
            }
        }
    }
}
