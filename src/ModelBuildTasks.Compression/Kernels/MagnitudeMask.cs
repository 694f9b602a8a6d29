using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>Sets the values of least saliency to zero.</summary>
internal static class MagnitudeMask
{
    /// <summary>Sets each value to positive zero whose saliency is of a magnitude below the threshold's, and as many of those that equal it as are wanted, the first ones.</summary>
    /// <param name="values">What is masked.</param>
    /// <param name="saliencies">One for each value: the values themselves, or any other measure.</param>
    /// <param name="threshold">Where the smallest magnitudes of all parts end.</param>
    /// <param name="ties">How many of the equal ones are still wanted: <see cref="MagnitudeThreshold.Ties"/> before the first part. Those that are taken are subtracted.</param>
    /// <returns>How many values were set.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static long ZeroBelow(Span<float> values, ReadOnlySpan<float> saliencies, MagnitudeThreshold threshold, ref long ties)
    {
        if (saliencies.Length != values.Length)
        {
            throw new ArgumentException($"{saliencies.Length} saliencies for {values.Length} values.", nameof(saliencies));
        }

        var kernel = new Kernel(values, saliencies, threshold.Value, ties);
        WidestVector.Run(ref kernel);
        ties = kernel.Ties;
        return kernel.Zeroed;
    }

    private ref struct Kernel(Span<float> values, ReadOnlySpan<float> saliencies, float threshold, long ties) : ISinglesKernel
    {
        private readonly Span<float> values = values;
        private readonly ReadOnlySpan<float> saliencies = saliencies;

        public long Ties { get; private set; } = ties;

        public long Zeroed { get; private set; }

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = (nuint)(values.Length - (values.Length % TSingles.Count));
            Mask<TSingles>(0, vectorized);
            Mask<Singles1>(vectorized, (nuint)values.Length);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Mask<TSingles>(nuint start, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            ref var value = ref MemoryMarshal.GetReference(values);
            ref readonly var saliency = ref MemoryMarshal.GetReference(saliencies);
            var equal = TSingles.Broadcast(threshold);
            var less = TSingles.Broadcast(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(threshold) - 1));
            var (ties, kept) = (Ties, 0L);
            for (var i = start; i < end; i += (nuint)TSingles.Count)
            {
                // Read before values are written, which may be the saliencies.
                var measure = TSingles.Load(in saliency, i);
                var notBelow = TSingles.GreaterMagnitudes(measure, less);
                TSingles.Store(TSingles.ZeroUnlessGreater(TSingles.Load(in value, i), measure, less), ref value, i);
                kept += BitOperations.PopCount(notBelow);
                if (ties > 0)
                {
                    for (var tied = notBelow & ~TSingles.GreaterMagnitudes(measure, equal); tied != 0 && ties > 0; tied &= tied - 1)
                    {
                        Unsafe.Add(ref value, i + (nuint)BitOperations.TrailingZeroCount(tied)) = 0;
                        ties--;
                        kept--;
                    }
                }
            }

            Ties = ties;
            Zeroed += (long)(end - start) - kept;
        }
    }
}
