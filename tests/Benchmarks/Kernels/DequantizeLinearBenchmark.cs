using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class DequantizeLinearBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(sizeof(sbyte))]
    public void WholeTensor() => DequantizeLinear.FromInt8(Bytes, Floats, 0.03f, 3);
}
