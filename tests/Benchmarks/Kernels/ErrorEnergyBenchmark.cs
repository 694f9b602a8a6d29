using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class ErrorEnergyBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(2 * sizeof(float))]
    public double SignalAndNoise() => ErrorEnergy.Accumulate(Normal, Rectified).Noise;
}
