using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// Widens ranges of activations where that makes the outputs of the compressed model better, one after the other, those that hurt most first. What is gained must be told from chance
/// (<see cref="PairedGain"/>); else a range stays what it was. Ranges are never narrowed: a wider one clips no value that these samples lack.
/// </summary>
internal static class RangeRefinement
{
    private const double LeastSignificance = 3;

    /// <summary>A trial that has gained nothing by then is given up.</summary>
    private const int FirstSamples = 8;

    private const int RankingSamples = 4;

    private static readonly double[] Factors = [1.1, 1.2, 1.35, 1.5];

    /// <summary>The refined ranges; the same where there are too few samples, too little that effort allows, or nothing to gain.</summary>
    /// <param name="searched">The model, with its ranges.</param>
    /// <param name="pass">What will compress it.</param>
    /// <param name="samples">Samples that calibrated.</param>
    /// <param name="indices">Those that may be used; none of them judges the result.</param>
    /// <param name="effort">How much may be tried.</param>
    /// <param name="progress">Is told the share of the values that were tried.</param>
    /// <param name="cancellationToken">Ends it at the next operator.</param>
    public static ActivationRanges Refine(SearchedModel searched, PostTrainingQuantization pass, SampleSet samples, IReadOnlyList<int> indices, Effort effort, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var limits = RefinementLimits.Of(effort);
        using var model = searched.Load();
        var (graph, plan) = Plan(model, searched, pass.Formats);
        var candidates = plan.Activations.Select(activation => activation.RangeOf).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        var count = limits.Judging(plan.Nanoseconds, 1 + (Math.Min(limits.Values, candidates.Length) * Factors.Length));
        if (candidates.Length == 0 || Math.Min(count, indices.Count) < RefinementLimits.LeastSamples)
        {
            return searched.Ranges;
        }

        using var errors = RangeErrors.Open(searched, pass, plan.Activations, samples, SampleSpread.Of(indices, count, samples.States.Count > 0), cancellationToken);
        if (errors.Count < RefinementLimits.LeastSamples)
        {
            return searched.Ranges;
        }

        var values = errors.Values.Count <= limits.Values ? errors.Values : Worst(errors.Values, plan, searched, samples, indices, cancellationToken).Take(limits.Values);
        var ranges = new SortedDictionary<string, ValueRange>(searched.Ranges.Ranges.ToDictionary(), StringComparer.Ordinal);
        var least = errors.Of(ranges).ToArray();
        var done = 0;
        foreach (var value in values)
        {
            least = Widen(value, ranges, errors, least, Absorption.Bounds(graph.Producer(value) ?? new NodeProto(), graph));
            progress?.Report((double)++done / Math.Min(limits.Values, errors.Values.Count));
        }

        return searched.Ranges with { Ranges = ranges };
    }

    private static (OnnxGraph Graph, QuantizationPlan Plan) Plan(OnnxModel model, SearchedModel searched, FormatAssignment formats)
    {
        var graph = model.EditGraph();
        PostTrainingQuantization.Prepare(model, graph, searched.Ranges, searched.Context.KeepFloat, formats);
        graph.Commit();
        return (graph, QuantizationPlanner.Plan(graph, model.Opset, searched.Ranges, searched.Context.KeepFloat, searched.Context.Device.Costs, formats));
    }

    /// <summary>Tries wider ranges of one value; returns the errors of the best, which is in the ranges then.</summary>
    private static double[] Widen(string value, SortedDictionary<string, ValueRange> ranges, RangeErrors errors, double[] least, (float Minimum, float Maximum)? bounds)
    {
        var (start, best) = (ranges[value], ranges[value]);
        foreach (var factor in Factors)
        {
            // Where saturation replaces a Clip, a range beyond its bounds would undo it.
            var (lowest, highest) = bounds ?? (float.NegativeInfinity, float.PositiveInfinity);
            var wider = new ValueRange((float)Math.Max(factor * start.Minimum, lowest), (float)Math.Min(factor * start.Maximum, highest));
            ranges[value] = wider;
            if (wider != best && float.IsFinite(wider.Minimum) && float.IsFinite(wider.Maximum) && Better(errors.Of(ranges), least) is { } better)
            {
                (least, best) = (better, wider);
            }
        }

        ranges[value] = best;
        return least;
    }

    /// <summary>The errors of a trial; null where it gains nothing that could be told from chance.</summary>
    private static double[]? Better(IEnumerable<double> trial, double[] least)
    {
        var errors = new List<double>(least.Length);
        var gain = 0.0;
        foreach (var error in trial)
        {
            gain += least[errors.Count] - error;
            errors.Add(error);
            if (errors.Count == FirstSamples && gain <= 0)
            {
                return null;
            }
        }

        return PairedGain.Significance(least, errors) >= LeastSignificance ? [.. errors] : null;
    }

    /// <summary>The values, those first whose bytes make most noise in the layers that read them.</summary>
    private static IEnumerable<string> Worst(IReadOnlyList<string> values, QuantizationPlan plan, SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        var noises = NoiseMeasurement.Measure(searched, samples, SampleSpread.Of(indices, RankingSamples, samples.States.Count > 0), cancellationToken).ToDictionary(noise => noise.Layer, StringComparer.Ordinal);
        var rangeOf = plan.Activations.ToDictionary(activation => activation.Value, activation => activation.RangeOf, StringComparer.Ordinal);
        var ofValues = plan.Layers.Where(layer => layer.Format == LayerFormat.Int8 && noises.ContainsKey(layer.Node.DisplayName()))
            .ToLookup(layer => rangeOf.GetValueOrDefault(layer.Node.Input[0]) ?? "", layer => noises[layer.Node.DisplayName()] is var noise ? noise.Of(LayerFormat.Int8) - noise.Of(LayerFormat.Int8Weights) : 0, StringComparer.Ordinal);
        return values.OrderByDescending(value => ofValues[value].Sum());
    }
}
