using System.Collections.Frozen;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Corrections;

namespace ModelBuildTasks.Compression.Quantization.Smoothing;

/// <summary>
/// Some channels of a transformer's activations are many times larger than the others, and all share one scale. Dividing such a channel and multiplying the weights that read it moves the difficulty into the weights, which have a
/// scale for each output: by max |x|^α / max |w|^(1 − α) for the channel's values x and weights w (Xiao et al. 2023, "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models", section 4).
/// Here it is the nearest power of two, so that the model computes the same floats, scaled, and gives the same bits; the strength α is chosen for each activation by the error that is measured on some of its rows.
/// </summary>
internal static class SmoothQuant
{
    /// <summary>
    /// How much of the measured error may be left: 0.6, 2.2 dB. Where less is promised the outcome is chance, since all weights are rounded anew. What this lets through gained as much in whole models: a transformer whose outlier
    /// channels are 3 to 6 beside others around 1 gained 0.4 dB of four activations that it took, one with 5 to 10 gained 2.5 dB.
    /// </summary>
    private const double LargestShare = 0.6;

    private const int LargestExponent = 16;

    /// <summary>The strengths of migration that are tried: with 0.5 values and weights share the difficulty, with 1 the weights have all of it.</summary>
    private static readonly double[] Strengths = [0.25, 0.375, 0.5, 0.625, 0.75, 0.875];

    /// <summary>How many channels each activation has that can be smoothed, by its name; none of a model beyond 2 GiB, whose weights are only ever read in parts.</summary>
    public static IReadOnlyDictionary<string, int> Channels(OnnxModel model) => Activations(model).ToDictionary(activation => activation.Value, activation => activation.Channels, StringComparer.Ordinal);

    /// <summary>Measures which activations gain from it: the model runs over some samples, unless it has no activation that could be smoothed.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="samples">What it runs over.</param>
    /// <param name="indices">Which of the samples there are to choose from.</param>
    /// <param name="method">How ranges will be told.</param>
    /// <param name="cancellationToken">Ends a run at the next operator.</param>
    /// <returns>The power of two that each channel is to be multiplied with, by the name of the activation.</returns>
    /// <exception cref="Diagnostics.CompressionException">AIM1007: the model does not run on a sample. AIM1101, AIM1104, AIM1106: a sample is wrong.</exception>
    public static IReadOnlyDictionary<string, int[]> Measure(OnnxModel model, SampleSet samples, IReadOnlyList<int> indices, CalibrationMethod method, CancellationToken cancellationToken)
    {
        var activations = Activations(model);
        if (activations.Count == 0)
        {
            return FrozenDictionary<string, int[]>.Empty;
        }

        var graph = model.EditGraph();
        var rows = RowCollector.Collect(model, samples, indices, activations.ToDictionary(activation => activation.Value, activation => activation.Channels, StringComparer.Ordinal), cancellationToken);
        var found = new int[]?[activations.Count];
        Parallel.For(
            0,
            found.Length,
            new ParallelOptions { CancellationToken = cancellationToken },
            index => found[index] = rows.TryGetValue(activations[index].Value, out var ofActivation) ? Best(activations[index], ofActivation, graph, method) : null);
        return activations.Zip(found).Where(each => each.Second is not null).ToDictionary(each => each.First.Value, each => each.Second!, StringComparer.Ordinal);
    }

    /// <summary>Multiplies channels of activations with powers of two, and divides what reads them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="exponents">The powers of two, one for each channel, by the name of the activation; names and numbers are those of <see cref="Channels"/>.</param>
    public static void Apply(OnnxModel model, IReadOnlyDictionary<string, int[]> exponents)
    {
        if (exponents.Count == 0)
        {
            return;
        }

        var graph = model.EditGraph();
        foreach (var activation in SmoothedActivation.Of(graph).Where(activation => exponents.ContainsKey(activation.Value)).ToArray())
        {
            activation.Source.Scale(exponents[activation.Value], graph);
            foreach (var node in activation.Layers)
            {
                var layer = new ScaledLayer(node, graph);
                layer.ScaleInputs(exponents[activation.Value]);
                layer.Write(graph);
            }
        }

        graph.RemoveUnused();
        graph.Commit();
    }

    /// <summary>What was observed of a smoothed model, as it is of the model as it was: for who stores weights alone, and would lose by factors that were chosen for activations. Of smoothed activations the means are known, and no ranges.</summary>
    /// <param name="ranges">What was observed.</param>
    /// <param name="model">The model as it was.</param>
    public static ActivationRanges TakeBack(ActivationRanges ranges, OnnxModel model)
    {
        var exponents = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var activation in Activations(model).Where(activation => ranges.Smoothed.ContainsKey(activation.Value)))
        {
            foreach (var value in activation.Layers.Select(layer => layer.Input[0]).Append(activation.Value))
            {
                exponents[value] = ranges.Smoothed[activation.Value];
            }
        }

        return ranges with
        {
            Ranges = ranges.Ranges.Where(each => !exponents.ContainsKey(each.Key)).ToDictionary(StringComparer.Ordinal),
            Means = ranges.Means.ToDictionary(each => each.Key, each => exponents.TryGetValue(each.Key, out var ofValue) ? [.. each.Value.Zip(ofValue, (mean, exponent) => MathF.ScaleB(mean, -exponent))] : each.Value, StringComparer.Ordinal),
            Smoothed = FrozenDictionary<string, int[]>.Empty,
        };
    }

    private static IReadOnlyList<SmoothedActivation> Activations(OnnxModel model) => model.IsLarge ? [] : [.. SmoothedActivation.Of(model.EditGraph())];

    private static int[]? Best(SmoothedActivation activation, float[] rows, OnnxGraph graph, CalibrationMethod method)
    {
        var values = new float[activation.Channels];
        AbsoluteMaximum.PerChannel(rows, rows.Length / values.Length, values.Length, 1, values);
        // Nearly all activations end here: no channel is more than some times as large as most.
        if (Exponents(values, values, 1).All(exponent => exponent >= -1))
        {
            return null;
        }

        var layers = activation.Layers.Select(node => new ScaledLayer(node, graph)).ToArray();
        var weights = layers.Select(layer => layer.InputMaxima()).Aggregate((first, second) => [.. first.Zip(second, Math.Max)]);
        var error = new SmoothingError(rows, activation.Channels, layers, method);
        var best = (Exponents: (int[]?)null, Error: LargestShare * error.Of(new int[activation.Channels]));
        var last = best.Exponents;
        foreach (var exponents in Strengths.Select(strength => Exponents(values, weights, strength)))
        {
            if (last?.SequenceEqual(exponents) != true && error.Of(exponents) is var left && left < best.Error)
            {
                best = (exponents, left);
            }

            last = exponents;
        }

        return best.Exponents;
    }

    /// <summary>The powers of two nearest to max |w|^(1 − α) / max |x|^α, where the channel in the middle keeps its values; 0 where a channel is unused.</summary>
    private static int[] Exponents(float[] values, float[] weights, double strength)
    {
        var exact = values.Zip(weights, (value, weight) => value > 0 && weight > 0 ? ((1 - strength) * Math.Log2(weight)) - (strength * Math.Log2(value)) : double.NaN).ToArray();
        var used = exact.Where(double.IsFinite).Order().ToArray();
        return used.Length == 0 ? new int[values.Length]
            : Array.ConvertAll(exact, each => double.IsFinite(each) ? (int)Math.Clamp(Math.Round(each - used[used.Length / 2]), -LargestExponent, LargestExponent) : 0);
    }
}
