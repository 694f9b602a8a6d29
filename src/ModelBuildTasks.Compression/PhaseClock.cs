using System.Diagnostics;

namespace ModelBuildTasks.Compression;

/// <summary>Tells the phases of a compression to who listens, and how long each took.</summary>
internal sealed class PhaseClock(IProgress<CompressionProgress>? progress)
{
    private readonly Dictionary<string, double> seconds = [];

    /// <summary>Seconds per phase, so far.</summary>
    public IReadOnlyDictionary<string, double> Seconds => seconds;

    /// <summary>Runs a phase, which may report its fraction, with or without what it did.</summary>
    public T Run<T>(string phase, Func<PhaseReporter, T> work)
    {
        var start = Stopwatch.GetTimestamp();
        progress?.Report(new(phase, 0));
        var result = work(new PhaseReporter(phase, progress));
        progress?.Report(new(phase, 1));
        seconds[phase] = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 3);
        return result;
    }
}
