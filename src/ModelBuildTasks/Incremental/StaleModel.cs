using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>Compresses one model and remembers what from.</summary>
internal static class StaleModel
{
    /// <summary>Compresses, then writes the stamp; with a trace where one is asked for.</summary>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stamp is as it was.</exception>
    public static void Compress(ModelItem item, bool remeasureLatency, bool trace, Action<string> reportPhase, CancellationToken cancellationToken)
    {
        var request = item.Request with { RemeasureLatency = remeasureLatency, TraceFolder = trace ? item.TraceFolder : null };

        // Looked at before they are used: a change while the compression runs makes the next build compress again.
        var model = RequestFiles.Model(request).Select((path, index) => FileState.Of(path, index == 0 ? DiagnosticCodes.ModelUnreadable : DiagnosticCodes.ExternalDataMissing)).ToArray();
        var data = RequestData.Of(request).Select(path => FileState.Of(path, DiagnosticCodes.DataUnreadable)).ToArray();

        var progress = new PhaseProgress(reportPhase);
        var result = ModelCompressor.Compress(request, progress, cancellationToken);

        // A failed latency gate gets a second measurement, since the first may be an old one from the cache or come from a busy moment.
        if (!remeasureLatency && result.Report.Latency?.Ratio > item.Limits.MaxLatencyRatio)
        {
            ModelCompressor.Compress(request with { RemeasureLatency = true, TraceFolder = null }, progress, cancellationToken);
        }

        var output = FileState.Of(item.OutputPath, DiagnosticCodes.OutputNotWritable);
        var stamp = new Stamp(OptionsText.Of(item), model[0], model[1..], data, output);
        stamp.Write(item.StampPath);
        if (trace)
        {
            TraceStamp.Write(item, stamp);
        }
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
