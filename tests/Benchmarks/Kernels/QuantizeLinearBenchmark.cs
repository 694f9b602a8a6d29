using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class QuantizeLinearBenchmark : KernelBenchmark
{
    private readonly float[] scales = Enumerable.Repeat(0.03f, BenchmarkData.Channels).ToArray();

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void WholeTensor() => QuantizeLinear.ToInt8(Normal, Bytes, 0.03f, 3, -128, 127);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void FirstAxis() => QuantizeLinear.PerChannel(Normal, Bytes, 1, BenchmarkData.Channels, BenchmarkData.Length / BenchmarkData.Channels, scales);

    [Benchmark]
    [InputBytes(sizeof(float))]
    public void LastAxis() => QuantizeLinear.PerChannel(Normal, Bytes, BenchmarkData.Length / BenchmarkData.Channels, BenchmarkData.Channels, 1, scales);
}
