using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class HistogramBenchmark : KernelBenchmark
{
    private readonly long[] counts = new long[BenchmarkData.Bins];

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void NormalValues() => Histogram.Add(Normal, -4, 4, counts);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void ValuesAfterRelu() => Histogram.Add(Rectified, 0, 4, counts);
}
