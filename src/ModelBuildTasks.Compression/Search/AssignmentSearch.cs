using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Search;

/// <summary>
/// Finds the cheapest assignment of formats that keeps the accuracy. One streaming pass measures the noise of each layer in each format; that orders assignments along a price of noise, from the cheapest to the most
/// accurate; trials on samples find the first that keeps the accuracy, and then single layers are made cheaper where another trial allows it. What is tried is bounded, whatever the model.
/// </summary>
internal sealed class AssignmentSearch
{
    /// <summary>Assignments that are tried at most.</summary>
    public const int MostTrials = 24;

    /// <summary>Trials in one pass over the samples.</summary>
    private const int AtOnce = 3;

    /// <summary>The sensitivities settle after a few samples.</summary>
    private const int MostProbedSamples = 16;

    /// <summary>Prices are powers of two, half a power apart: below the least nothing is more accurate than at no price, above the greatest every layer is float.</summary>
    private const int LeastPrice = 10;
    private const int GreatestPrice = 60;

    /// <summary>An assignment above this share of the original's size has compressed nothing.</summary>
    private const double LargestShare = 0.9;

    /// <summary>A single layer that saves less than this share of the cost is not worth a trial.</summary>
    private const double LeastSaving = 0.0002;

    private readonly CandidateSpace space;
    private readonly TrialRun run;
    private readonly SearchGoal goal;
    private readonly IProgress<double>? progress;
    private readonly CancellationToken cancellationToken;
    private readonly Dictionary<string, Trial> trials = new(StringComparer.Ordinal);

    private AssignmentSearch(CandidateSpace space, TrialRun run, SearchGoal goal, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        this.space = space;
        this.run = run;
        this.goal = goal;
        this.progress = progress;
        this.cancellationToken = cancellationToken;
    }

    /// <summary>Searches.</summary>
    /// <param name="searched">The model.</param>
    /// <param name="samples">Samples that calibrated.</param>
    /// <param name="indices">Those that may be used; none of them judges the result.</param>
    /// <param name="goal">What to keep, and what to minimise.</param>
    /// <param name="progress">Is told the share of what is tried at most.</param>
    /// <param name="cancellationToken">Ends the search early.</param>
    public static SearchOutcome Run(SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, SearchGoal goal, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var noises = NoiseMeasurement.Measure(searched, samples, SampleSpread.Of(indices, MostProbedSamples, samples.States.Count > 0), cancellationToken);
        using var model = searched.Load();
        var space = new CandidateSpace(model, searched, noises, goal.Minimised);
        var judged = SampleSpread.Of(indices, SearchSamples.Count(space.FloatNanoseconds), samples.States.Count > 0);
        using var run = new TrialRun(searched, samples, judged, goal);
        var search = new AssignmentSearch(space, run, goal, progress, cancellationToken);
        var best = search.Find();
        return new SearchOutcome(best.Candidate.Formats, search.Report(best, judged.Count));
    }

    private Trial Find()
    {
        var path = PricedCandidates();
        var (low, high) = (0, path.Count);
        Try([path[0]]);
        if (Get(path[0]).IsKept)
        {
            return Get(path[0]);
        }

        // path[low] does not keep the accuracy; path[high] does, or is beyond the end.
        while (high - low > 1 && trials.Count < MostTrials)
        {
            var between = Enumerable.Range(1, AtOnce).Select(part => low + (int)Math.Ceiling((high - low) * part / (AtOnce + 1.0))).Where(index => index > low && index < high).Distinct().ToArray();
            Try([.. between.Select(index => path[index])]);
            high = between.Where(index => Get(path[index]).IsKept).DefaultIfEmpty(high).Min();
            low = between.Where(index => index < high && !Get(path[index]).IsKept).DefaultIfEmpty(low).Max();
        }

        return high < path.Count ? Refine(Get(path[high])) : trials.Values.MaxBy(trial => trial.Comparison.SqnrDb ?? double.NegativeInfinity)!;
    }

    /// <summary>The assignments along the price of noise, each once, the cheapest first; those that compress nothing are left out.</summary>
    private List<Candidate> PricedCandidates() =>
    [
        .. Enumerable.Range(2 * LeastPrice, 2 * (GreatestPrice - LeastPrice)).Select(half => Math.Pow(2, half / 2.0)).Prepend(0).Select(space.At)
            .Where(candidate => candidate.Bytes <= LargestShare * space.FloatBytes).DistinctBy(candidate => candidate.Signature).DefaultIfEmpty(space.At(0)),
    ];

    /// <summary>Makes single layers cheaper as long as the accuracy holds: those first that save most for the noise they are expected to bring, which a trial then shows.</summary>
    private Trial Refine(Trial kept)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        while (trials.Count < MostTrials)
        {
            var moves = Moves(kept.Candidate).Where(move => !failed.Contains(move.Name)).Take(Math.Min(AtOnce, MostTrials - trials.Count)).ToArray();
            if (moves.Length == 0)
            {
                break;
            }

            Try([.. moves.Select(move => move.Candidate)]);
            failed.UnionWith(moves.Where(move => !Get(move.Candidate).IsKept).Select(move => move.Name));
            kept = moves.Select(move => Get(move.Candidate)).Where(trial => trial.IsKept).Append(kept).MinBy(trial => space.Cost(trial.Candidate))!;
        }

        return kept;
    }

    private IEnumerable<(string Name, Candidate Candidate)> Moves(Candidate start) =>
        from layer in start.Layers
        from format in Cheaper(layer.Value)
        where space.CanBe(layer.Key, format)
        let candidate = space.Of(With(start.Layers, layer.Key, format))
        let saved = space.Cost(start) - space.Cost(candidate)
        let noise = space.Noise(candidate) - space.Noise(start)
        where saved > LeastSaving * space.Cost(start) && candidate.Signature != start.Signature && !trials.ContainsKey(candidate.Signature)
        orderby saved / Math.Max(noise, double.Epsilon) descending
        select ($"{layer.Key} {format}", candidate);

    private static LayerFormat[] Cheaper(LayerFormat format) => format switch
    {
        LayerFormat.Float => [LayerFormat.Int8Weights, LayerFormat.Int8Dynamic, LayerFormat.Int8],
        LayerFormat.Int8Weights => [LayerFormat.Int8Dynamic, LayerFormat.Int8],
        LayerFormat.Int8Dynamic => [LayerFormat.Int8],
        _ => [],
    };

    private static OrderedDictionary<string, LayerFormat> With(IReadOnlyDictionary<string, LayerFormat> layers, string layer, LayerFormat format) =>
        new(layers.Select(each => KeyValuePair.Create(each.Key, each.Key == layer ? format : each.Value)), StringComparer.Ordinal);

    private Trial Get(Candidate candidate) => trials[candidate.Signature];

    private void Try(IReadOnlyList<Candidate> candidates)
    {
        var open = candidates.Where(candidate => !trials.ContainsKey(candidate.Signature)).DistinctBy(candidate => candidate.Signature).ToArray();
        var comparisons = open.Length == 0 ? [] : run.Compare([.. open.Select(candidate => candidate.Formats)], cancellationToken);
        for (var index = 0; index < open.Length; index++)
        {
            trials.Add(open[index].Signature, new Trial(open[index], comparisons[index], goal.IsKeptBy(comparisons[index])));
        }

        progress?.Report((double)trials.Count / MostTrials);
    }

    private SearchReport Report(Trial best, int samples) => new(
        goal.Minimised == OptimizationGoal.Size ? "size" : "latency",
        best.IsKept,
        trials.Count,
        samples,
        best.Comparison.SqnrDb,
        best.Comparison.Metric?.Drop,
        [
            .. best.Candidate.Layers.Select(layer => (layer.Key, layer.Value, Noise: space.NoiseOf(layer.Key, layer.Value))).OrderByDescending(layer => layer.Noise)
                .Select(layer => new SearchedLayerReport(layer.Key, LayerFormatNames.Of(layer.Value), layer.Noise > 0 ? -10 * Math.Log10(layer.Noise) : null)),
        ]);
}
