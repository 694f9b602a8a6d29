using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The largest magnitude of values: what a symmetric scale is made of.</summary>
internal static class AbsoluteMaximum
{
    /// <summary>max |x|; 0 for no values, NaN where a value is NaN.</summary>
    public static float Of(ReadOnlySpan<float> values)
    {
        var kernel = new Kernel(values);
        WidestVector.Run(ref kernel);
        return kernel.Maximum;
    }

    /// <summary>max |x| of every channel of a tensor [outer, channels, inner].</summary>
    /// <param name="values">outer · channels · inner values.</param>
    /// <param name="outer">The product of the dimensions before the channel axis.</param>
    /// <param name="channels">The dimension of the channel axis.</param>
    /// <param name="inner">The product of the dimensions after the channel axis.</param>
    /// <param name="maxima">One value per channel, overwritten; 0 for a channel without values, NaN where a value of the channel is NaN.</param>
    /// <exception cref="ArgumentException">A length does not fit the dimensions.</exception>
    public static void PerChannel(ReadOnlySpan<float> values, int outer, int channels, int inner, Span<float> maxima)
    {
        ChannelLayout.Check(values.Length, outer, channels, inner);
        if (maxima.Length != channels)
        {
            throw new ArgumentException($"{maxima.Length} maxima for {channels} channels.", nameof(maxima));
        }

        maxima.Clear();
        if (inner == 1)
        {
            var kernel = new RowsKernel(values, maxima);
            WidestVector.Run(ref kernel);
            foreach (ref var maximum in maxima)
            {
                maximum = Canonical(maximum);
            }
        }
        else if (inner > 1)
        {
            for (var run = 0; run < outer * channels; run++)
            {
                ref var maximum = ref maxima[run % channels];
                maximum = Math.Max(maximum, Of(values.Slice(run * inner, inner)));
            }
        }
    }

    // The bits of a NaN would tell which of several was met.
    private static float Canonical(float magnitude) => float.IsNaN(magnitude) ? float.NaN : magnitude;

    private ref struct Kernel(ReadOnlySpan<float> values) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;

        public float Maximum { get; private set; }

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = values.Length - (values.Length % TSingles.Count);
            Maximum = Canonical(Math.Max(Reduce<TSingles>(values[..vectorized]), Reduce<Singles1>(values[vectorized..])));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Reduce<TSingles>(ReadOnlySpan<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            var magnitude = TSingles.Broadcast(0);
            for (nuint i = 0; i < (nuint)values.Length; i += (nuint)TSingles.Count)
            {
                magnitude = TSingles.MaximumMagnitude(magnitude, TSingles.Load(in source, i));
            }

            Span<float> lanes = stackalloc float[TSingles.Count];
            TSingles.Store(magnitude, ref MemoryMarshal.GetReference(lanes), 0);
            var maximum = 0f;
            foreach (var lane in lanes)
            {
                maximum = Math.Max(maximum, lane);
            }

            return maximum;
        }
    }

    private readonly ref struct RowsKernel(ReadOnlySpan<float> values, Span<float> maxima) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;
        private readonly Span<float> maxima = maxima;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            ref var maximum = ref MemoryMarshal.GetReference(maxima);
            var channels = (nuint)maxima.Length;
            var vectorized = channels - (channels % (nuint)TSingles.Count);
            for (nuint row = 0; row < (nuint)values.Length; row += channels)
            {
                Include<TSingles>(in source, ref maximum, row, 0, vectorized);
                Include<Singles1>(in source, ref maximum, row, vectorized, channels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Include<TSingles>(ref readonly float source, ref float maximum, nuint row, nuint channel, nuint end)
            where TSingles : struct, ISingles<TSingles>
        {
            for (; channel < end; channel += (nuint)TSingles.Count)
            {
                TSingles.Store(TSingles.MaximumMagnitude(TSingles.Load(in maximum, channel), TSingles.Load(in source, row + channel)), ref maximum, channel);
            }
        }
    }
}
