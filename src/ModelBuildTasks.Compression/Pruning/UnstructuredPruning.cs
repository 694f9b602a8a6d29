using System.Globalization;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization.Weights;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Sets single weights to zero.</summary>
internal static class UnstructuredPruning
{
    /// <summary>Prunes a model in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What goes, and how it is chosen.</param>
    /// <param name="context">What is known beside the model.</param>
    public static PruningReport Apply(OnnxModel model, PruningOptions options, PruningContext context)
    {
        var method = Method(options.Method, context);
        var graph = model.EditGraph();
        WeightChecks.RequireFinite(model, graph);
        var all = PrunableWeight.Of(graph);
        PrunableWeight[] pruned = [.. all.Where(weight => weight.DenseReason is null)];
        long[] counts = [.. pruned.Select(weight => weight.Count)];
        var total = (long)Math.Round(options.Sparsity * counts.Sum());
        var most = PruningLimits.Of(counts, [.. pruned.Select(weight => ReferenceEquals(weight, all[0]) || ReferenceEquals(weight, all[^1]))], options.Sparsity, total);
        var told = new Dictionary<PrunableWeight, (double? SqnrDb, string? Reason)>(ReferenceEqualityComparer.Instance);
        if (method == PruneMethod.Magnitude)
        {
            var pruning = new MagnitudePruning(graph, pruned, Report, context.CancellationToken);
            if (options.Pattern is { } pattern)
            {
                pruning.Run(pattern);
            }
            else
            {
                pruning.Run(most, total);
            }
        }
        else
        {
            new SamplePruning(model, pruned, options with { Method = method }, context, Report).Run(options.Pattern is null ? most : null, total);
        }

        var weights = graph.WithInner().SelectMany(inner => inner.Proto.Initializer).Where(tensor => FloatConversion.IsKnown(tensor.ElementType())).Sum(tensor => tensor.ElementCount());
        var zeros = pruned.ToDictionary<PrunableWeight, PrunableWeight, long>(weight => weight, Zeros, ReferenceEqualityComparer.Instance);
        return new PruningReport(PruneMethodNames.Of(method), options.Text, weights, weights, counts.Sum() == 0 ? 0 : (double)zeros.Values.Sum() / counts.Sum())
        {
            Layers = [.. all.Select(weight => new PrunedLayerReport(
                weight.Reader.DisplayName(), weight.Reader.OpType, weight.Count, weight.Count - (zeros.TryGetValue(weight, out var own) ? own : 0), told.GetValueOrDefault(weight).SqnrDb, weight.DenseReason ?? told.GetValueOrDefault(weight).Reason))],
        };

        void Report(PrunableWeight weight, double? sqnrDb, string? reason)
        {
            told.Add(weight, (sqnrDb, reason));
            var share = (double)Zeros(weight) / weight.Count;
            context.Progress.Report(new PhaseProgress((double)told.Count / pruned.Length, string.Create(
                CultureInfo.InvariantCulture, $"{told.Count}/{pruned.Length} {weight.Reader.DisplayName()}: {100 * share:0.0} % zeros{(sqnrDb is { } db ? $", {db:0.0} dB" : "")}")));
        }
    }

    private static PruneMethod Method(PruneMethod asked, PruningContext context) =>
        context.Samples is null ? PruneMethod.Magnitude : asked == PruneMethod.Auto ? PruneMethod.Obs : asked;

    private static long Zeros(PrunableWeight weight)
    {
        var values = new SinglesReader(weight.Weight.Tensor);
        return values.Parts().Sum(part => ZeroCount.Of(values.Read(part.Start, part.Count)));
    }
}
