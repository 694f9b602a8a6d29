using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds the weight of one layer by the Hessians of its inputs.</summary>
internal static class LayerRounding
{
    /// <summary>Rounds.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="hessians">[groups] of [inputs × inputs], the lower triangles.</param>
    /// <param name="cancellationToken">Ends it between two groups.</param>
    public static LayerOutcome Round(RoundedLayer layer, IReadOnlyList<double[]> hessians, CancellationToken cancellationToken)
    {
        var (depth, outputs) = (layer.Inputs.Depth, layer.Inputs.Outputs);
        var values = new SinglesReader(layer.Weight.Tensor);
        var scales = WeightQuantizer.Positive(layer.Grid.Scales);
        var bytes = new sbyte[depth * outputs * layer.Inputs.Groups];
        var (matrix, zeros) = (new double[depth * outputs], new float[outputs]);
        Array.Fill(zeros, float.MaxValue);
        var (signal, noise, nearestNoise) = (0.0, 0.0, 0.0);
        for (var group = 0; group < hessians.Count; group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            layer.Inputs.Weights.Read(values, group, matrix);
            var factor = LayerFactor.Of(hessians[group], [.. Enumerable.Range(0, depth).Select(input => new[] { input })]);
            var groupScales = scales.AsSpan(group * outputs, outputs).ToArray();
            var (chosen, nearest) = (new ByteLevels(depth, groupScales), new ByteLevels(depth, groupScales));
            var noises = ErrorFeedback.Round(factor, matrix, outputs, chosen);
            var nearestNoises = ErrorFeedback.Round(factor, matrix, outputs, nearest, feedsBack: false);
            signal += ErrorFeedback.Round(factor, matrix, outputs, new ByteLevels(depth, zeros), feedsBack: false).Sum();
            nearestNoise += nearestNoises.Sum();
            for (var output = 0; output < outputs; output++)
            {
                noise += Math.Min(noises[output], nearestNoises[output]);
                if (nearestNoises[output] < noises[output])
                {
                    for (var input = 0; input < depth; input++)
                    {
                        chosen.Values[(input * outputs) + output] = nearest.Values[(input * outputs) + output];
                    }
                }
            }

            layer.Inputs.Weights.Write(chosen.Values, bytes.AsSpan(group * depth * outputs, depth * outputs));
        }

        return new LayerOutcome(new RoundedBytes(layer.Grid, bytes), signal, noise, nearestNoise);
    }
}
