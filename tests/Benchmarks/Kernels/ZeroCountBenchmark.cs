using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class ZeroCountBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(sizeof(float))]
    public long Zeros() => ZeroCount.Of(Rectified);
}
