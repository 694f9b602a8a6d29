using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The least and the greatest value of each column of a matrix, zero among them: what the scale of a block is made of.</summary>
internal static class ColumnExtremes
{
    /// <summary>min(0, wᵢ) and max(0, wᵢ).</summary>
    /// <param name="values">Rows of as many values as there are minima; finite.</param>
    /// <param name="minima">One per column, overwritten.</param>
    /// <param name="maxima">One per column, overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit the columns.</exception>
    public static void Of(ReadOnlySpan<float> values, Span<float> minima, Span<float> maxima)
    {
        BlockColumns.Check(values.Length, minima.Length, minima.Length, maxima.Length);
        var kernel = new Kernel(values, minima, maxima);
        WidestVector.Run(ref kernel);
        // Processors differ in which zero is the smaller one.
        Canonical(minima);
        Canonical(maxima);
    }

    private static void Canonical(Span<float> extremes)
    {
        foreach (ref var extreme in extremes)
        {
            extreme = extreme == 0 ? 0 : extreme;
        }
    }

    private readonly ref struct Kernel(ReadOnlySpan<float> values, Span<float> minima, Span<float> maxima) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<float> minima = minima;
        private readonly Span<float> maxima = maxima;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var columns = (nuint)minima.Length;
            var vectorized = columns - (columns % (nuint)TSingles.Count);
            Reduce<TSingles>(0, vectorized);
            Reduce<Singles1>(vectorized, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Reduce<TSingles>(nuint column, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var value = ref MemoryMarshal.GetReference(values);
            ref var minimum = ref MemoryMarshal.GetReference(minima);
            ref var maximum = ref MemoryMarshal.GetReference(maxima);
            for (; column < end; column += (nuint)TSingles.Count)
            {
                var (least, greatest) = (TSingles.Broadcast(0), TSingles.Broadcast(0));
                for (var place = column; place < (nuint)values.Length; place += (nuint)minima.Length)
                {
                    var each = TSingles.Load(in value, place);
                    least = TSingles.Minimum(least, each);
                    greatest = TSingles.Maximum(greatest, each);
                }

                TSingles.Store(least, ref minimum, column);
                TSingles.Store(greatest, ref maximum, column);
            }
        }
    }
}
