using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class LevelErrorsBenchmark : KernelBenchmark
{
    private readonly double[] positions = Array.ConvertAll(BenchmarkData.Normal, value => (double)value);
    private readonly double[] weights = Array.ConvertAll(BenchmarkData.Rectified, value => (double)value);

    [Benchmark]
    [InputBytes(2 * sizeof(double))]
    public double WeightedIntegrals() => LevelErrors.WeightedIntegrals(positions, weights, 40, -128, 127);
}
