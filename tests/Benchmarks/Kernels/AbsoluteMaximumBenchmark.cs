using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class AbsoluteMaximumBenchmark : KernelBenchmark
{
    private readonly float[] maxima = new float[BenchmarkData.Channels];

    [Benchmark]
    [InputBytes(sizeof(float))]
    public float WholeTensor() => AbsoluteMaximum.Of(Normal);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void FirstAxis() => AbsoluteMaximum.PerChannel(Normal, 1, BenchmarkData.Channels, BenchmarkData.Length / BenchmarkData.Channels, maxima);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void LastAxis() => AbsoluteMaximum.PerChannel(Normal, BenchmarkData.Length / BenchmarkData.Channels, BenchmarkData.Channels, 1, maxima);
}
