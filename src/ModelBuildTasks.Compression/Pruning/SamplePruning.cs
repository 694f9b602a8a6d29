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
    /// <summary>The Hessian of more inputs would take more than 170 MB, and its factor as much.</summary>
    private const int MostInputs = 4608;

    private readonly OnnxModel model;
    private readonly IReadOnlyList<PrunableWeight> weights;
    private readonly PruningOptions options;
    private readonly PruningContext context;
    private readonly PruningEffort effort;
    private readonly IReadOnlyList<int> indices;
    private readonly Action<PrunableWeight, double?> report;

    /// <param name="model">The model; it is edited.</param>
    /// <param name="weights">Its weights that may lose some.</param>
    /// <param name="options">What goes.</param>
    /// <param name="context">What is known beside the model; with samples.</param>
    /// <param name="report">Is told each weight that is done, and the SQNR of its layer's output.</param>
    public SamplePruning(OnnxModel model, IReadOnlyList<PrunableWeight> weights, PruningOptions options, PruningContext context, Action<PrunableWeight, double?> report)
    {
        (this.model, this.weights, this.options, this.context, this.report) = (model, weights, options, context, report);
        effort = PruningEffort.Of(context.Effort);
        indices = Spread(effort.Observation.Samples);
    }

    private SampleSet Set => context.Samples!.Set;

    /// <summary>Prunes.</summary>
    /// <param name="most">How many elements each weight may lose; null with a pattern, which says it itself.</param>
    /// <param name="total">How many go in all.</param>
    public void Run(IReadOnlyList<long>? most, long total)
    {
        var observed = weights.Where(IsObserved).ToDictionary<PrunableWeight, ObservedLayer>(weight => weight.Observed!, ReferenceEqualityComparer.Instance);
        ObservedLayer[] layers = [.. observed.Keys];
        var counts = most is null ? [.. weights.Select(weight => Pattern(weight)!.Removed)] : Allocate(layers, observed, most, total);
        var countOf = weights.Zip(counts).ToDictionary<(PrunableWeight First, long Second), PrunableWeight, long>(pair => pair.First, pair => pair.Second, ReferenceEqualityComparer.Instance);

        // First, so that all others can make up for them.
        foreach (var weight in weights.Where(weight => !IsObserved(weight)))
        {
            Prune(new WeightPruner(weight, Pattern(weight)), weight, countOf[weight]);
        }

        var observation = Observation(effort.Observation);
        foreach (var step in observation.Steps(layers))
        {
            var hessians = observation.Observe(step);
            foreach (var layer in step)
            {
                hessians.Remove(layer.Weight.Name, out var own);
                Prune(Pruner(observed[layer], own), observed[layer], countOf[observed[layer]]);
            }
        }
    }

    /// <summary>How many elements each weight loses: those that cost least in all of the model, costs being what is seen of them at the outputs.</summary>
    private long[] Allocate(ObservedLayer[] layers, Dictionary<ObservedLayer, PrunableWeight> observed, IReadOnlyList<long> most, long total)
    {
        var sensitivity = new OutputSensitivity(model, Set, Spread(effort.SensitivitySamples), context.CancellationToken);
        var costs = new Dictionary<PrunableWeight, WeightCosts>(ReferenceEqualityComparer.Instance);
        var observation = Observation(effort.Observation with { Steps = 1 });
        foreach (var weight in weights.Where(weight => !IsObserved(weight)))
        {
            costs.Add(weight, Measured(new WeightPruner(weight, null), weight, sensitivity));
        }

        foreach (var step in observation.Steps(layers))
        {
            var hessians = observation.Observe(step);
            foreach (var layer in step)
            {
                hessians.Remove(layer.Weight.Name, out var own);
                costs.Add(observed[layer], Measured(Pruner(observed[layer], own), observed[layer], sensitivity));
            }
        }

        return SparsityAllocation.Of([.. weights.Select(weight => costs[weight])], most, total);
    }

    /// <summary>The costs of a weight's elements, such that those which go at the share that is asked for cost together what the outputs lose by it.</summary>
    private KnownCosts Measured(WeightPruner pruner, PrunableWeight weight, OutputSensitivity sensitivity)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var count = (long)(options.Sparsity * weight.Count);
        var noise = sensitivity.NoiseOf(weight, pruner.Prune(count).Values);
        var sum = pruner.CostOf(count);
        return new KnownCosts(pruner.Costs, sum > 0 && noise > 0 ? (float)(noise / sum) : 1);
    }

    private void Prune(WeightPruner pruner, PrunableWeight weight, long count)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        var pruned = pruner.Prune(count);
        weight.Write(pruned.Values);
        report(weight, pruned.SqnrDb);
    }

    private WeightPruner Pruner(PrunableWeight weight, IReadOnlyList<LayerHessian>? hessians)
    {
        // Infinities and what becomes of them, in a layer whose output is masked or never used.
        if (hessians is null || !hessians.All(hessian => hessian.IsFinite))
        {
            return new WeightPruner(weight, Pattern(weight));
        }

        var damped = hessians.Select(hessian => DampedHessian.Of(hessian, Environment.ProcessorCount)).ToArray();
        return options.Method == PruneMethod.Obd ? new DiagonalPruner(weight, Pattern(weight), damped) : new SurgeonPruner(weight, Pattern(weight), damped, context.CancellationToken);
    }

    private static bool IsObserved(PrunableWeight weight) => weight.Observed is { } layer && layer.Inputs.Depth <= MostInputs;

    private PatternLayout? Pattern(PrunableWeight weight) => options.Pattern is null ? null : PatternLayout.Of(options.Pattern, weight);

    private SteppedObservation Observation(RoundingEffort observed) => new((values, alone) => ObservedModel.Open(model, values, alone), Set, indices, observed, context.CancellationToken);

    private IReadOnlyList<int> Spread(int count) => SampleSpread.Of(context.Samples!.Indices, count, Set.States.Count > 0);
}
