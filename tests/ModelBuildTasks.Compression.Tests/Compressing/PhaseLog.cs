namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>The phases that a compression went through, in order.</summary>
internal sealed class PhaseLog : IProgress<CompressionProgress>
{
    private readonly List<string> phases = [];

    public string Text => string.Join(' ', phases);

    public void Report(CompressionProgress value)
    {
        if (value.Fraction == 0)
        {
            phases.Add(value.Phase);
        }
    }
}
