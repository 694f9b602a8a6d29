using ModelBuildTasks.Compression;

namespace ModelBuildTasks.Diagnostics;

/// <summary>Lines for a log from the progress of a compression: one for each phase as it begins, and one for each step that a phase tells. Fractions are left out.</summary>
/// <param name="write">Gets the lines.</param>
internal sealed class ProgressLines(Action<string> write) : IProgress<CompressionProgress>
{
    private string last = "";

    public void Report(CompressionProgress value)
    {
        if (Interlocked.Exchange(ref last, value.Phase) != value.Phase)
        {
            write(value.Phase);
        }

        if (value.Detail is { } detail)
        {
            // A layer may be called anything.
            write($"{value.Phase} {detail.ReplaceLineEndings(" ")}");
        }
    }
}
