using ModelBuildTasks.Compression.Calibration;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>
/// Rounds the weights of a model in the order in which its layers run, each by what it reads of those before it as they have become: so it takes back errors of these too. Layers are rounded in steps, of which each runs the model
/// once over the samples, up to its last layer; only Hessians of one step are held.
/// </summary>
/// <param name="shadow">The model that is observed.</param>
/// <param name="samples">The samples that calibrate.</param>
/// <param name="indices">Those of them that are used.</param>
/// <param name="effort">How much work it may be.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class SequentialRounding(ShadowModel shadow, SampleSet samples, IReadOnlyList<int> indices, RoundingEffort effort, CancellationToken cancellationToken)
{
    /// <summary>Rounds.</summary>
    /// <param name="targets">The weights, by name, and the values that they may have.</param>
    /// <param name="report">Is told each weight, with how many are done and how many will be.</param>
    public RoundedWeights Run(IReadOnlyDictionary<string, RoundingTarget> targets, Action<RoundedLayer, RoundedWeight, int, int> report)
    {
        var layers = effort.Affordable(RoundedLayer.Of(shadow.Graph, targets));
        var rounded = new RoundedWeights();
        var done = 0;
        var observation = new SteppedObservation(shadow.Open, samples, indices, effort, cancellationToken);
        foreach (var step in observation.Steps(layers))
        {
            var hessians = observation.Observe(step);
            foreach (var layer in step)
            {
                if (!hessians.Remove(layer.Weight.Name, out var own) || !own.All(hessian => hessian.IsFinite))
                {
                    // Infinities and what becomes of them, in a layer whose output is masked or never used: its weights stay the nearest values.
                    done++;
                    continue;
                }

                var weight = LayerRounding.Round(layer, own, cancellationToken);
                rounded.Add(layer, weight);
                shadow.Take(layer, weight);
                report(layer, weight, ++done, layers.Count);
            }
        }

        return rounded;
    }
}
