using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Diagnostics;

/// <summary>Words for a gate that failed: what was measured, what was allowed, what to do.</summary>
internal static class GateFailure
{
    private const int MostNamed = 3;

    /// <summary>The code and the message of a failed gate.</summary>
    public static (string Code, string Message) Describe(CompressionReport report, GateReport gate)
    {
        var (code, text) = Words(report, gate);
        return (code, $"{report.Model} → {report.Device}: {text}");
    }

    private static (string Code, string Text) Words(CompressionReport report, GateReport gate) => gate.Name switch
    {
        GateNames.MaxAccuracyDrop => (DiagnosticCodes.AccuracyGateFailed, Text(
            $"{report.Metric?.Name ?? "accuracy"} fell by {gate.Value * 100:0.##} points, from {report.Metric?.Original * 100:0.##}% to {report.Metric?.Compressed * 100:0.##}%, on {report.Metric?.Samples} samples; MaxAccuracyDrop allows {gate.Limit * 100:0.##} points. {Remedy(report)}, or raise MaxAccuracyDrop.")),
        GateNames.MinSqnr => (DiagnosticCodes.SqnrGateFailed, gate.Value is null
            ? Text($"MinSqnr asks for {gate.Limit:0.##} dB, but without data the SQNR was not measured. Set Calibration or Validation, or remove MinSqnr.")
            : Text($"the SQNR is {gate.Value:0.##} dB; MinSqnr asks for {gate.Limit:0.##} dB. {Remedy(report)}, or lower MinSqnr.")),
        GateNames.MaxSize => (DiagnosticCodes.SizeGateFailed, Text(
            $"the compressed model has {gate.Value:N0} bytes{(report.PackedBytes == report.CompressedBytes ? "" : " as it is packed")}; MaxSize allows {gate.Limit:N0}. Choose a smaller format in Quantize, remove names from KeepFloat, or raise MaxSize.")),
        _ => (DiagnosticCodes.LatencyGateFailed, gate.Value is null
            ? Text($"MaxLatencyRatio asks for {gate.Limit:0.###}, but without data the latency was not measured. Set Calibration or Validation, or remove MaxLatencyRatio.")
            : Text($"a run takes {gate.Value:0.###} of the original's time on this machine; MaxLatencyRatio allows {gate.Limit:0.###}. Build again when the machine is idle, choose another Quantize, or raise MaxLatencyRatio.")),
    };

    private static string Remedy(CompressionReport report)
    {
        const string General = "Add calibration samples, keep sensitive layers float with KeepFloat (the report lists the SQNR of each)";
        // What takes most comes first.
        string[] less = [.. report.Pruning is null ? Array.Empty<string>() : ["lower Prune"], .. report.Sharing is null ? Array.Empty<string>() : ["raise Share"]];
        if (less.Length > 0)
        {
            return $"{char.ToUpperInvariant(less[0][0])}{string.Join(" or ", less)[1..]}, add calibration samples";
        }

        if (report.Search is not { } search)
        {
            return General;
        }

        var outcome = search.Met ? "The search met it on its own samples" : Text($"None of {search.Trials} trials of the search met it");
        var costly = search.Layers.Where(layer => layer.SqnrDb is not null).Take(MostNamed).Select(layer => $"'{layer.Name}' ({layer.Format})").ToArray();
        return costly.Length == 0
            // Layers inside subgraphs are not among those that a search chooses for.
            ? $"{outcome}, which found no layer to choose a format for. {General}"
            : $"{outcome}; most of the expected error comes from {string.Join(", ", costly)}. Keep these float with KeepFloat, add calibration samples";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
