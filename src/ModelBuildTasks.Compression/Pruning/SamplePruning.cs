using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning.BrainSurgeon;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Prunes by what layers read of samples. First every layer tells what its weights cost and is pruned alone, to see how much of that arrives at the outputs; so it is decided how many each loses. Then they are pruned for good in the
/// order in which they run, in steps, each by what it reads of those before it as they have become.
/// </summary>
internal sealed class SamplePruning
{
    /// <summary>What outputs that are no numbers any more count as: ten times as much noise as signal.</summary>
    private const double MostNoise = 10;

    private readonly OnnxModel model;
    private readonly IReadOnlyList<PrunableWeight> weights;
    private readonly PruningOptions options;
    private readonly PruningContext context;
    private readonly Action<PrunableWeight, double?, string?> report;
    private readonly PruningEffort effort;
    // The layers whose Hessians are made, in the order in which they run, and their weights.
    private readonly Dictionary<ObservedLayer, PrunableWeight> observed;
    private readonly HashSet<ObservedLayer> exact;
    private readonly IReadOnlyList<int> indices;
    // What was found out before anything was pruned.
    private readonly Dictionary<PrunableWeight, float[]> known = new(ReferenceEqualityComparer.Instance);

    /// <param name="model">The model; it is edited.</param>
    /// <param name="weights">Its weights that may lose some.</param>
    /// <param name="options">What goes.</param>
    /// <param name="context">What is known beside the model; with samples.</param>
    /// <param name="report">Is told each weight that is done, the SQNR of its layer's output, and why it is not as it could be.</param>
    public SamplePruning(OnnxModel model, IReadOnlyList<PrunableWeight> weights, PruningOptions options, PruningContext context, Action<PrunableWeight, double?, string?> report)
    {
        (this.model, this.weights, this.options, this.context, this.report) = (model, weights, options, context, report);
        effort = PruningEffort.Of(context.Effort);
        var layers = effort.Observation.Affordable([.. weights.Select(weight => weight.Observed).OfType<ObservedLayer>()]);
        observed = weights.Where(weight => layers.Contains(weight.Observed, ReferenceEqualityComparer.Instance)).ToDictionary<PrunableWeight, ObservedLayer>(weight => weight.Observed!, ReferenceEqualityComparer.Instance);
        exact = effort.Exact(observed.Keys);
        indices = Spread(observed.Count == 0 ? 1 : effort.Samples(Observation(effort.Observation, Spread(1)).Products([.. observed.Keys])));
    }

    private SampleSet Set => context.Samples!.Set;

    private IEnumerable<PrunableWeight> Unobserved => weights.Where(weight => weight.Observed is null || !observed.ContainsKey(weight.Observed));

    /// <summary>Prunes.</summary>
    /// <param name="most">How many elements each weight may lose; null with a pattern, which says it itself.</param>
    /// <param name="total">How many go in all.</param>
    public void Run(IReadOnlyList<long>? most, long total)
    {
        var counts = most is null ? [.. weights.Select(weight => Pattern(weight)!.Removed)] : Allocate(most, total);
        var countOf = weights.Zip(counts).ToDictionary<(PrunableWeight First, long Second), PrunableWeight, long>(pair => pair.First, pair => pair.Second, ReferenceEqualityComparer.Instance);

        // First, so that all others can make up for them.
        foreach (var weight in Unobserved)
        {
            Prune(new WeightPruner(weight, Pattern(weight)), weight, countOf[weight]);
        }

        ForEachLayer(effort.Observation, (weight, hessians) => Prune(Pruner(weight, hessians, effort.Reorders ? null : known.GetValueOrDefault(weight)), weight, countOf[weight]));
    }

    /// <summary>How many elements each weight loses: those that cost least in all of the model, costs being what is seen of them at the outputs.</summary>
    private long[] Allocate(IReadOnlyList<long> most, long total)
    {
        var outputs = OutputNoise.Of(model, context.Samples!, context.CancellationToken);
        var gains = new Dictionary<PrunableWeight, float?>(ReferenceEqualityComparer.Instance);
        foreach (var weight in Unobserved)
        {
            gains.Add(weight, Gain(new WeightPruner(weight, null), weight, outputs));
        }

        ForEachLayer(effort.Observation with { Steps = 1 }, (weight, hessians) => gains.Add(weight, Gain(Pruner(weight, hessians, null), weight, outputs)));
        // A weight whose error no sample shows, in a branch that none takes, would be thought dearer or cheaper than all others: it loses the share itself.
        var counts = weights.Select((weight, index) => gains[weight] is null ? Math.Min(most[index], (long)Math.Round(options.Sparsity * weight.Count)) : 0).ToArray();
        int[] told = [.. Enumerable.Range(0, weights.Count).Where(index => gains[weights[index]] is not null)];
        var allocated = SparsityAllocation.Of([.. told.Select(index => new KnownCosts(known[weights[index]], gains[weights[index]]!.Value))], [.. told.Select(index => most[index])], total - counts.Sum());
        for (var index = 0; index < told.Length; index++)
        {
            counts[told[index]] = allocated[index];
        }

        return counts;
    }

    /// <summary>By how much the costs of a weight's elements are to be multiplied such that those which go at the share that is asked for cost together what the outputs lose by it; null where they lose nothing.</summary>
    private float? Gain(WeightPruner pruner, PrunableWeight weight, OutputNoise outputs)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var count = (long)(options.Sparsity * weight.Count);
        var pruned = pruner.Prune(count);
        var (noise, sum) = (Noise(weight, pruned, outputs), pruner.CostOf(count));
        known.Add(weight, pruner.Costs);
        return sum > 0 && noise > 0 ? (float)(noise / sum) : null;
    }

    /// <summary>Noise ÷ signal at the outputs with a pruned weight in its place; that of its layer's own output where none of the model's outputs tells it.</summary>
    private double Noise(PrunableWeight weight, PrunedWeight pruned, OutputNoise outputs)
    {
        var before = weight.Bytes;
        weight.Write(pruned.Values);
        try
        {
            var noise = Math.Min(outputs.Measure(model, context.CancellationToken), MostNoise);
            return noise > 0 || pruned.Signal <= 0 ? noise : pruned.Noise / pruned.Signal;
        }
        finally
        {
            weight.Write(before);
        }
    }

    private void Prune(WeightPruner pruner, PrunableWeight weight, long count)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var pruned = pruner.Prune(count);
        weight.Write(pruned.Values);
        report(weight, pruned.SqnrDb, pruned.SqnrDb is not null ? null : $"chosen by magnitude: {WhyNot(weight)}");
    }

    private void ForEachLayer(RoundingEffort steps, Action<PrunableWeight, IReadOnlyList<LayerHessian>?> action)
    {
        var observation = Observation(steps, indices);
        foreach (var step in observation.Steps([.. observed.Keys]))
        {
            var hessians = observation.Observe(step);
            foreach (var layer in step)
            {
                hessians.Remove(layer.Weight.Name, out var own);
                action(observed[layer], own);
            }
        }
    }

    private WeightPruner Pruner(PrunableWeight weight, IReadOnlyList<LayerHessian>? hessians, float[]? costs)
    {
        // Infinities and what becomes of them, in a layer whose output is masked or never used.
        if (hessians is null || !hessians.All(hessian => hessian.IsFinite))
        {
            return new WeightPruner(weight, Pattern(weight));
        }

        var damped = hessians.Select(hessian => DampedHessian.Of(hessian, Environment.ProcessorCount)).ToArray();
        return options.Method == PruneMethod.Obd ? new DiagonalPruner(weight, Pattern(weight), damped)
            : !exact.Contains(weight.Observed!) ? new FeedbackPruner(weight, Pattern(weight), damped, context.CancellationToken)
            : new SurgeonPruner(weight, Pattern(weight), damped, costs, context.CancellationToken);
    }

    private string WhyNot(PrunableWeight weight) => weight.Observed is null ? LayerInputs.WhyNot(weight.Reader, weight.Weight) ?? "its layers do not read it alike, or are in a subgraph"
        : observed.ContainsKey(weight.Observed) ? "what its layer reads is not finite"
        : "by samples it would take more work than the effort allows";

    private PatternLayout? Pattern(PrunableWeight weight) => options.Pattern is null ? null : PatternLayout.Of(options.Pattern, weight);

    private SteppedObservation Observation(RoundingEffort steps, IReadOnlyList<int> run) => new((values, alone) => ObservedModel.Open(model, values, alone), Set, run, steps, context.CancellationToken);

    private IReadOnlyList<int> Spread(int count) => SampleSpread.Of(context.Samples!.Indices, count, Set.States.Count > 0);
}
