using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Observes what the readers of groups of channels read, some groups at a time.</summary>
/// <param name="model">The model.</param>
/// <param name="samples">The samples that calibrate.</param>
/// <param name="indices">Those of them that are used.</param>
/// <param name="effort">How much work it may be.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class GroupObservation(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, RoundingEffort effort, CancellationToken cancellationToken)
{
    /// <summary>Bytes of the Hessians that are held at once, unless one group has more.</summary>
    private const long MostHeld = 512L << 20;

    /// <summary>Each group with what its readers read, by the names of their weights; a reader of which that cannot be told is not in it.</summary>
    public IEnumerable<(ChannelGroup Group, IReadOnlyDictionary<string, ObservedInputs> Observed)> Each(OnnxGraph graph, IReadOnlyList<ChannelGroup> groups)
    {
        var read = groups.SelectMany(group => group.Readers).Select(reader => reader.Weight).ToHashSet(StringComparer.Ordinal);
        var layers = effort.Affordable(ObservedLayer.Of(graph, (weight, _) => read.Contains(weight.Name))).ToDictionary(layer => layer.Weight.Name, StringComparer.Ordinal);
        var (batch, bytes) = (new List<ChannelGroup>(), 0L);
        foreach (var group in groups)
        {
            var own = Layers(group).Sum(layer => (long)sizeof(double) * layer.Inputs.Groups * layer.Inputs.Depth * layer.Inputs.Depth);
            if (batch.Count > 0 && bytes + own > MostHeld)
            {
                foreach (var each in Observe(batch))
                {
                    yield return each;
                }

                (batch, bytes) = ([], 0);
            }

            batch.Add(group);
            bytes += own;
        }

        foreach (var each in Observe(batch))
        {
            yield return each;
        }

        IEnumerable<ObservedLayer> Layers(ChannelGroup group) => group.Readers.Select(reader => reader.Weight).Distinct().Where(layers.ContainsKey).Select(weight => layers[weight]);

        IEnumerable<(ChannelGroup Group, IReadOnlyDictionary<string, ObservedInputs> Observed)> Observe(List<ChannelGroup> some)
        {
            var own = some.SelectMany(Layers).Distinct<ObservedLayer>(ReferenceEqualityComparer.Instance).ToArray();
            var observed = own.Length == 0 ? new Dictionary<string, ObservedInputs>() : Observed(own);
            return some.Select(group => (group, (IReadOnlyDictionary<string, ObservedInputs>)observed));
        }
    }

    private Dictionary<string, ObservedInputs> Observed(IReadOnlyList<ObservedLayer> layers) =>
        new SteppedObservation((values, alone) => ObservedModel.Open(model, values, alone), samples, indices, effort, cancellationToken).Observe(layers)
            .Where(each => each.Value.All(hessian => hessian.IsFinite && hessian.Rows > 0))
            .Select(each => new ObservedInputs(layers.First(layer => layer.Weight.Name == each.Key), each.Value[0].Rows, [.. each.Value.Select(hessian => hessian.Matrix())]))
            .ToDictionary(each => each.Layer.Weight.Name, StringComparer.Ordinal);
}
