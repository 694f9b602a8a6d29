using System.Globalization;
using Benchmarks.Formats;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.WeightSharing;

namespace Benchmarks.Pruning;

/// <summary>What each method makes of each sparsity of each model, without retraining: accuracy, quality and bytes, pruned alone and with shared values on bytes.</summary>
internal static class PruningTable
{
    private const int SharedValues = 16;

    private static readonly PruningTableOptions Defaults = new(
        BenchmarkModels.PrunedNames, [PruneMethod.Magnitude, PruneMethod.Obd, PruneMethod.Obs], ["0.5", "0.6", "0.7", "0.8", "0.9", "2:4"]);

    /// <summary>Prints it as Markdown.</summary>
    public static int Run(IEnumerable<string> arguments)
    {
        var options = Defaults.With(arguments);
        Print($"| model | sparsity | method | zeros | drop (points) | SQNR | .onnx bytes | packed bytes | smaller | seconds | {Joined} drop (points) | SQNR | .onnx bytes | packed bytes | smaller |");
        Print($"|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        PrunedModels.ForEach(options, (model, request) =>
        {
            Print($"| {model.Name} | none | |{Cells(request, "float", withZeros: true)}{Cells(Shared(request), "shared", withZeros: false)}");
            foreach (var sparsity in options.Sparsities)
            {
                foreach (var method in options.Methods)
                {
                    var pruned = request with { Prune = PruningTableOptions.Pruning(sparsity, method) };
                    var form = $"{method}-{sparsity}";
                    Print($"| {model.Name} | {sparsity} | {PruneMethodNames.Of(method)} |{Cells(pruned, form, withZeros: true)}{Cells(Shared(pruned), form + "-shared", withZeros: false)}");
                }
            }
        });
        return 0;
    }

    private static string Joined => $"Share={SharedValues}, int8:";

    private static CompressionRequest Shared(CompressionRequest request) => request with { Share = new SharingOptions(SharedValues), Quantize = QuantizationMode.Int8 };

    private static string Cells(CompressionRequest request, string form, bool withZeros)
    {
        try
        {
            var report = PrunedModels.Compress(request, form).Report;
            var (zeros, seconds) = withZeros ? (Invariant($" {report.Sparsity:P1} |"), Invariant($" {report.Seconds.GetValueOrDefault("prune"):F1} |")) : ("", "");
            return Invariant($"{zeros} {100 * report.Metric?.Drop:F2} | {report.SqnrDb:F1} dB | {report.CompressedBytes} | {report.PackedBytes} | {report.PackedRatio:F1}× |{seconds}");
        }
        catch (CompressionException exception)
        {
            return withZeros ? $" | {exception.Code} | | | | | |" : $" {exception.Code} | | | | |";
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(Invariant(line));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
