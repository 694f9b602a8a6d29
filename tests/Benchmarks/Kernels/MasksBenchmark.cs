using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class MasksBenchmark : KernelBenchmark
{
    private readonly MagnitudeThreshold threshold = MagnitudeSelection.Of(BenchmarkData.Normal, BenchmarkData.Length / 2);

    [Benchmark]
    [InputBytes(2 * sizeof(float))]
    public long ZeroBelow()
    {
        var ties = threshold.Ties;
        return MagnitudeMask.ZeroBelow(Floats, Normal, threshold, ref ties);
    }

    [Benchmark]
    [InputBytes(2 * sizeof(float))]
    public long TwoOfFour() => PatternMask.Apply(Floats, Normal, 2, 4);
}
