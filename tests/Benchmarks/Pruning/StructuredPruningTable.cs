using System.Globalization;
using Benchmarks.Formats;
using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Pruning;

namespace Benchmarks.Pruning;

/// <summary>What taking out whole channels or blocks makes of models: parameters, time of a run, accuracy. Times are those of the same runtime on one thread, the original and all others in turns.</summary>
internal static class StructuredPruningTable
{
    private static readonly PruningTableOptions Defaults = new(["digits", "mobilenetv3", "vit"], [PruneMethod.Structured, PruneMethod.Layers], ["0.25", "0.5"]);

    /// <summary>Prints it as Markdown.</summary>
    public static int Run(IEnumerable<string> arguments)
    {
        var options = Defaults.With(arguments);
        Print($"| model | method | asked | parameters | remaining | latency ratio | accuracy | drop (points) | SQNR | .onnx bytes | seconds |");
        Print($"|---|---|---|---|---|---|---|---|---|---|---|");
        PrunedModels.ForEach(options, (model, request) => Run(options, model, request));
        return 0;
    }

    private static void Run(PruningTableOptions options, BenchmarkModel model, CompressionRequest request)
    {
        var forms = options.Methods.SelectMany(method => options.Sparsities, (method, sparsity) => (Method: method, Sparsity: sparsity)).ToArray();
        var results = Array.ConvertAll(forms, form => Compress(request, form.Method, form.Sparsity));
        using var session = ModelSession.Open(model.Path, SessionSettings.OnlyLoad);
        var samples = CompressionSamples.Open(request, session.Ports);
        var made = results.Where(result => result.Result is not null).Select(result => result.Result!.ModelPath).ToList();
        var speedups = RepeatedLatency.Speedups(model.Path, made, samples.Judged!, samples.FirstJudged());
        foreach (var ((method, sparsity), (result, refused)) in forms.Zip(results))
        {
            var row = $"| {model.Name} | {PruneMethodNames.Of(method)} | {sparsity} |";
            if (result is null)
            {
                Print($"{row} {refused} | | | | | | | |");
                continue;
            }

            var (report, pruning) = (result.Report, result.Report.Pruning!);
            var latency = 1 / speedups[made.IndexOf(result.ModelPath)];
            Print($"{row} {pruning.WeightsAfter} of {pruning.WeightsBefore} | {(double)pruning.WeightsAfter / pruning.WeightsBefore:P0} | {latency:F2} | {report.Metric?.Compressed:P2} | {100 * report.Metric?.Drop:F2} | {report.SqnrDb:F1} dB | {report.CompressedBytes} | {report.Seconds.GetValueOrDefault("prune"):F1} |");
        }
    }

    private static (CompressionResult? Result, string? Refused) Compress(CompressionRequest request, PruneMethod method, string sparsity)
    {
        try
        {
            return (PrunedModels.Compress(request with { Prune = PruningTableOptions.Pruning(sparsity, method) }, $"{method}-{sparsity}"), null);
        }
        catch (CompressionException exception)
        {
            return (null, exception.Code);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
