using BenchmarkDotNet.Attributes;
using ModelBuildTasks.Compression.Kernels;

namespace Benchmarks.Kernels;

public class MagnitudeSelectionBenchmark : KernelBenchmark
{
    [Benchmark]
    [InputBytes(sizeof(float))]
    public float Threshold() => MagnitudeSelection.Of(Normal, Normal.Length / 2).Value;

    [Benchmark]
    [InputBytes(sizeof(float))]
    public float ThresholdOfParts()
    {
        var selection = new MagnitudeSelection();
        selection.Count(Normal);
        selection.Narrow(Normal.Length / 2);
        selection.CountNarrowed(Normal);
        return selection.Threshold.Value;
    }
}
