using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks.Incremental;

/// <summary>Compresses the stale variants of one model and remembers what from.</summary>
internal static class StaleModel
{
    /// <summary>Compresses, then writes the stamps; with a trace where one is asked for.</summary>
    /// <param name="items">The variants, of one model.</param>
    /// <param name="remeasureLatency">Of each, whether its latency is measured again.</param>
    /// <param name="trace">Whether each needs a trace.</param>
    /// <param name="reportProgress">Is told each phase, and what a phase did, in lines.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stamps are as they were.</exception>
    public static void Compress(IReadOnlyList<ModelItem> items, IReadOnlyList<bool> remeasureLatency, bool trace, Action<string> reportProgress, CancellationToken cancellationToken)
    {
        // Each item was read for itself, but they are one model: what they must agree in is taken from the first.
        var requests = items.Select((item, index) => items[0].Request with
        {
            Device = item.CostsPath is null ? item.Request.Device : item.Request.Device with { Costs = CostTable.Load(item.CostsPath) },
            OutputName = item.Request.OutputName,
            OnnxRuntime = item.Request.OnnxRuntime,
            RemeasureLatency = remeasureLatency[index],
            TraceFolder = trace ? item.TraceFolder : null,
        }).ToArray();

        // Looked at before they are used: a change while the compression runs makes the next build compress again.
        var states = new Dictionary<string, FileState>();
        FileState State(string path, string codeWhenUnreadable) => states.TryGetValue(path, out var state) ? state : states[path] = FileState.Of(path, codeWhenUnreadable);
        var model = RequestFiles.Model(requests[0]).Select((path, index) => State(path, index == 0 ? DiagnosticCodes.ModelUnreadable : DiagnosticCodes.ExternalDataMissing)).ToArray();
        var data = items.Select(item => RequestData.Of(item).Select(path => State(path, DiagnosticCodes.DataUnreadable)).ToArray()).ToArray();

        var progress = new ProgressLines(reportProgress);
        var results = ModelCompressor.Compress(requests, progress, cancellationToken);
        for (var index = 0; index < items.Count; index++)
        {
            // A failed latency gate gets a second measurement, since the first may be an old one from the cache or come from a busy moment.
            if (!remeasureLatency[index] && results[index].Report.Latency?.Ratio > items[index].Limits.MaxLatencyRatio)
            {
                ModelCompressor.Compress(requests[index] with { RemeasureLatency = true, TraceFolder = null }, progress, cancellationToken);
            }

            WriteStamps(items[index], model, data[index], results[index].PackedPath, trace);
        }
    }

    private static void WriteStamps(ModelItem item, FileState[] model, FileState[] data, string? packedPath, bool trace)
    {
        var output = FileState.Of(item.OutputPath, DiagnosticCodes.OutputNotWritable);
        var stamp = new Stamp(OptionsText.Of(item), model[0], model[1..], data, output) { Packed = packedPath is null ? null : FileState.Of(packedPath, DiagnosticCodes.OutputNotWritable) };
        stamp.Write(item.StampPath);
        if (trace)
        {
            TraceStamp.Write(item, stamp);
        }
    }
}
