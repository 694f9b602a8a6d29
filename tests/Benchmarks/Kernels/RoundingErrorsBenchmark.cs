using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class RoundingErrorsBenchmark : KernelBenchmark
{
    private readonly float[] scales = Array.ConvertAll(BenchmarkData.Rectified, value => 0.01f + (value * 1e-3f));
    private readonly double[] squares = new double[BenchmarkData.Normal.Length];

    [Benchmark]
    [InputBytes(sizeof(float))]
    public double Of() => RoundingErrors.Of(Normal, 0.03f, 127);

    [Benchmark]
    [InputBytes(2 * sizeof(float))]
    public void AddPerChannel() => RoundingErrors.AddPerChannel(Normal, scales, 127, squares);
}
