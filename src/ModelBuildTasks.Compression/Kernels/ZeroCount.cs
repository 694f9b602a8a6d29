using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>How sparse values are.</summary>
internal static class ZeroCount
{
    /// <summary>How many values are zero, of either sign.</summary>
    public static long Of(ReadOnlySpan<float> values)
    {
        var kernel = new Kernel(values);
        WidestVector.Run(ref kernel);
        return kernel.Count;
    }

    private ref struct Kernel(ReadOnlySpan<float> values) : ISinglesKernel
    {
        private readonly ReadOnlySpan<float> values = values;

        public long Count { get; private set; }

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = values.Length - (values.Length % TSingles.Count);
            Count = CountZeros<TSingles>(values[..vectorized]) + CountZeros<Singles1>(values[vectorized..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static long CountZeros<TSingles>(ReadOnlySpan<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(values);
            var count = 0L;
            for (nuint i = 0; i < (nuint)values.Length; i += (nuint)TSingles.Count)
            {
                count += TSingles.CountZeros(TSingles.Load(in source, i));
            }

            return count;
        }
    }
}
