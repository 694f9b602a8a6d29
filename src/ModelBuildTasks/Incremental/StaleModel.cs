using System.Collections.Concurrent;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>Compresses one model and remembers what from.</summary>
internal static class StaleModel
{
    /// <summary>Compresses under the lock of the calibration key, then writes the stamp.</summary>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stamp is as it was.</exception>
    public static void Compress(ModelItem item, bool remeasureLatency, Action<string> reportPhase, CancellationToken cancellationToken)
    {
        var request = item.Request with { RemeasureLatency = remeasureLatency };

        // Looked at before they are used: a change while the compression runs makes the next build compress again.
        var states = new ConcurrentDictionary<string, FileState>();
        FileState State(string path, string code) => states.GetOrAdd(path, FileState.Of, code);
        var keys = CompressionKeys.Of(request, (path, code) => State(path, code).Hash);
        using (CacheLock.Acquire(request.CacheFolder, keys.Calibration, cancellationToken))
        {
            var progress = new PhaseProgress(reportPhase);
            var result = ModelCompressor.Compress(request, progress, cancellationToken);

            // A failed latency gate gets a second measurement, since the first may be an old one from the cache or come from a busy moment.
            if (!remeasureLatency && result.Report.Latency?.Ratio > item.Limits.MaxLatencyRatio)
            {
                ModelCompressor.Compress(request with { RemeasureLatency = true }, progress, cancellationToken);
            }
        }

        var model = RequestFiles.Model(request);
        var stamp = new Stamp(
            OptionsText.Of(item),
            State(model[0], DiagnosticCodes.ModelUnreadable),
            [.. model.Skip(1).Select(path => State(path, DiagnosticCodes.ExternalDataMissing))],
            [.. RequestData.Of(request).Select(path => State(path, DiagnosticCodes.DataUnreadable))],
            FileState.Of(item.OutputPath, DiagnosticCodes.OutputNotWritable));
        stamp.Write(item.StampPath);
    }

    private sealed class PhaseProgress(Action<string> reportPhase) : IProgress<CompressionProgress>
    {
        private string last = "";

        public void Report(CompressionProgress value)
        {
            if (Interlocked.Exchange(ref last, value.Phase) != value.Phase)
            {
                reportPhase(value.Phase);
            }
        }
    }
}
