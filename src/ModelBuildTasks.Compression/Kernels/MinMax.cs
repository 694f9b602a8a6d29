using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The range of values.</summary>
internal static class MinMax
{
    /// <summary>The smallest and the largest value, and whether all are finite.</summary>
    /// <returns>
    /// (0, 0, true) for no values; (NaN, NaN, false) where a value is NaN or infinite. A zero is always the positive one.
    /// </returns>
    public static (float Minimum, float Maximum, bool AllFinite) Of(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
        {
            return (0, 0, true);
        }

        var kernel = new Kernel(values);
        WidestVector.Run(ref kernel);
        // Adding zero turns −0 into +0: which of the two a minimum returns depends on the processor.
        return float.IsFinite(kernel.Magnitude) ? (kernel.Minimum + 0f, kernel.Maximum + 0f, true) : (float.NaN, float.NaN, false);
    }

    private ref struct Kernel(ReadOnlySpan<float> values) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;

        public float Minimum { get; private set; } = float.PositiveInfinity;

        public float Maximum { get; private set; } = float.NegativeInfinity;

        public float Magnitude { get; private set; }

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = values.Length - (values.Length % TSingles.Count);
            Include<TSingles>(values[..vectorized]);
            Include<Singles1>(values[vectorized..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Include<TSingles>(ReadOnlySpan<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            var minimum = TSingles.Broadcast(Minimum);
            var maximum = TSingles.Broadcast(Maximum);
            var magnitude = TSingles.Broadcast(Magnitude);
            for (nuint i = 0; i < (nuint)values.Length; i += (nuint)TSingles.Count)
            {
                var value = TSingles.Load(in source, i);
                minimum = TSingles.Minimum(minimum, value);
                maximum = TSingles.Maximum(maximum, value);
                magnitude = TSingles.MaximumMagnitude(magnitude, value);
            }

            Span<float> lanes = stackalloc float[3 * TSingles.Count];
            ref var first = ref MemoryMarshal.GetReference(lanes);
            TSingles.Store(minimum, ref first, 0);
            TSingles.Store(maximum, ref first, (nuint)TSingles.Count);
            TSingles.Store(magnitude, ref first, (nuint)(2 * TSingles.Count));
            Minimum = float.PositiveInfinity;
            Maximum = float.NegativeInfinity;
            for (var lane = 0; lane < TSingles.Count; lane++)
            {
                Minimum = Math.Min(Minimum, lanes[lane]);
                Maximum = Math.Max(Maximum, lanes[TSingles.Count + lane]);
                Magnitude = Math.Max(Magnitude, lanes[(2 * TSingles.Count) + lane]);
            }
        }
    }
}
