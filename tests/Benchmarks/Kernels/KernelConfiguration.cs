using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Benchmarks.Kernels;

/// <summary>One run is 256 MiB long, so few are enough; they stay in this process, whose arrays take seconds to fill.</summary>
internal sealed class KernelConfiguration : ManualConfig
{
    public KernelConfiguration()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(15));
        AddColumn(new InputThroughputColumn(shareOfCopy: false), new InputThroughputColumn(shareOfCopy: true));
    }
}
