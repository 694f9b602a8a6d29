using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels.Vectors;

namespace ModelBuildTasks.Compression.Kernels;

/// <summary>The ONNX operator DequantizeLinear: (q − zero point) · scale.</summary>
internal static class DequantizeLinear
{
    /// <summary>Restores floats from signed bytes; the zero point is a signed byte too.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the zero point is out of range.</exception>
    public static void FromInt8(ReadOnlySpan<sbyte> quantized, Span<float> values, float scale, int zeroPoint)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(zeroPoint, sbyte.MinValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(zeroPoint, sbyte.MaxValue);
        if (quantized.Length != values.Length)
        {
            throw new ArgumentException($"{quantized.Length} quantized values do not fit {values.Length} floats.", nameof(values));
        }

        var kernel = new Kernel(quantized, values, scale, zeroPoint);
        WidestVector.Run(ref kernel);
    }

    private readonly ref struct Kernel(ReadOnlySpan<sbyte> quantized, Span<float> values, float scale, int zeroPoint) : ISinglesKernel
    {
        private readonly ReadOnlySpan<sbyte> quantized = quantized;
        private readonly Span<float> values = values;

        public void Run<TSingles>()
            where TSingles : struct, ISingles<TSingles>
        {
            var vectorized = values.Length - (values.Length % TSingles.Count);
            Map<TSingles>(quantized[..vectorized], values[..vectorized]);
            Map<Singles1>(quantized[vectorized..], values[vectorized..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Map<TSingles>(ReadOnlySpan<sbyte> quantized, Span<float> values)
            where TSingles : struct, ISingles<TSingles>
        {
            ref readonly var source = ref MemoryMarshal.GetReference(quantized);
            ref var destination = ref MemoryMarshal.GetReference(values);
            var zero = TSingles.Broadcast(zeroPoint);
            var factor = TSingles.Broadcast(scale);
            for (nuint i = 0; i < (nuint)values.Length; i += (nuint)TSingles.Count)
            {
                TSingles.Store((TSingles.LoadSignedBytes(in source, i) - zero) * factor, ref destination, i);
            }
        }
    }
}
