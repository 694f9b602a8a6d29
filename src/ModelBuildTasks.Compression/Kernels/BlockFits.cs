using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The scale that fits a block of weights best once each has its level: the least squares of Σ h (w − q · scale)², which are Σ h w q / Σ h q². The blocks are the columns of a matrix.</summary>
internal static class BlockFits
{
    /// <summary>q = round(w / scale), ties to even, within lowest … lowest + 15, as <see cref="BlockErrors"/> has it.</summary>
    /// <param name="values">Rows of as many values as there are scales; finite.</param>
    /// <param name="importance">The h, one for each value (<see cref="BlockImportance"/>).</param>
    /// <param name="scales">One per column, of either sign, not zero: what the levels are told by.</param>
    /// <param name="lowest">The least level of each column, −15 to 0.</param>
    /// <param name="fitted">One scale per column, overwritten; 0 where all levels are zero.</param>
    /// <exception cref="ArgumentException">A length does not fit the columns, or there is not one importance for each value.</exception>
    public static void Of(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<float> fitted)
    {
        BlockColumns.Check(values.Length, scales.Length, lowest.Length, fitted.Length);
        BlockColumns.CheckEach(values.Length, importance.Length);
        var kernel = new Kernel(values, importance, scales, lowest, fitted);
        WidestVector.Run(ref kernel);
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, ReadOnlySpan<float> scales, ReadOnlySpan<float> lowest, Span<float> fitted) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly ReadOnlySpan<float> importance = importance;
        private readonly ReadOnlySpan<float> scales = scales;
        private readonly ReadOnlySpan<float> lowest = lowest;
        private readonly Span<float> fitted = fitted;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var columns = (nuint)scales.Length;
            var vectorized = columns - (columns % (nuint)TSingles.Count);
            Fit<TSingles>(0, vectorized);
            Fit<Singles1>(vectorized, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Fit<TSingles>(nuint column, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref readonly var weight = ref MemoryMarshal.GetReference(importance);
            ref readonly var scale = ref MemoryMarshal.GetReference(scales);
            ref readonly var least = ref MemoryMarshal.GetReference(lowest);
            ref var fit = ref MemoryMarshal.GetReference(fitted);
            var toInteger = TSingles.Broadcast(Rounding.ToInteger);
            for (; column < end; column += (nuint)TSingles.Count)
            {
                var inverse = TSingles.Broadcast(1) / TSingles.Load(in scale, column);
                var low = TSingles.Load(in least, column);
                var high = low + TSingles.Broadcast(BlockColumns.Levels - 1);
                var (products, squares) = (TSingles.Broadcast(0), TSingles.Broadcast(0));
                for (var place = column; place < (nuint)values.Length; place += (nuint)scales.Length)
                {
                    var original = TSingles.Load(in value, place);
                    var level = TSingles.Minimum(TSingles.Maximum(original * inverse, low), high) + toInteger - toInteger;
                    var weighted = TSingles.Load(in weight, place) * level;
                    products += weighted * original;
                    squares += weighted * level;
                }

                TSingles.Store(TSingles.ZeroWhereNaN(products / squares), ref fit, column);
            }
        }
    }
}
