using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class DotProductsBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(2 * sizeof(float))]
    public double ThreeProducts() => DotProducts.Of(Normal, Rectified).XY;
}
