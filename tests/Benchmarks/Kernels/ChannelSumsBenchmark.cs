using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class ChannelSumsBenchmark : KernelBenchmark
{
    private readonly double[] one = new double[1];
    private readonly double[] each = new double[BenchmarkData.Normal.Length];

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void OneBehindTheOther() => ChannelSums.Add(Normal, 1, 1, Normal.Length, one);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void Rows() => ChannelSums.Add(Normal, 1, Normal.Length, 1, each);
}
