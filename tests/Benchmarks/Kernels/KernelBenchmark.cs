using BenchmarkDotNet.Attributes;

namespace Benchmarks.Kernels;

/// <summary>What the benchmarks of all kernels share: the data, and the memory copy beside them.</summary>
public abstract class KernelBenchmark
{
    protected float[] Normal { get; } = BenchmarkData.Normal;

    protected float[] Rectified { get; } = BenchmarkData.Rectified;

    protected float[] Floats { get; } = BenchmarkData.Floats;

    protected sbyte[] Bytes { get; } = BenchmarkData.Bytes;

    [Benchmark(Baseline = true)]
    [InputBytes(sizeof(float))]
    public void Copy() => Normal.AsSpan().CopyTo(Floats);
}
