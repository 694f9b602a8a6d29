using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class MinMaxBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(sizeof(float))]
    public float Range() => MinMax.Of(Normal).Maximum;
}
