using ModelBuildTasks.Compression.Passes;

namespace ModelBuildTasks.Compression;

/// <summary>Tells what a phase reports to who listens to the compression.</summary>
/// <param name="phase">The phase's name.</param>
/// <param name="progress">Who listens; null where nobody does.</param>
internal sealed class PhaseReporter(string phase, IProgress<CompressionProgress>? progress) : IProgress<double>, IProgress<PhaseProgress>
{
    public void Report(double value) => Report(new PhaseProgress(value));

    public void Report(PhaseProgress value) => progress?.Report(new(phase, value.Fraction, value.Detail));
}
