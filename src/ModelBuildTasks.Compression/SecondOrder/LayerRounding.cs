using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds the weight of one layer by the Hessians of its inputs.</summary>
internal static class LayerRounding
{
    /// <summary>Rounds.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="hessians">[groups] of [inputs × inputs], the lower triangles.</param>
    /// <param name="cancellationToken">Ends it between two groups.</param>
    public static RoundedWeight Round(RoundedLayer layer, IReadOnlyList<double[]> hessians, CancellationToken cancellationToken)
    {
        var (depth, outputs) = (layer.Inputs.Depth, layer.Inputs.Outputs);
        var values = new SinglesReader(layer.Weight.Tensor);
        var levels = new sbyte[depth * outputs * layer.Inputs.Groups];
        var matrix = new double[depth * outputs];
        var (signal, noise, nearestNoise) = (0.0, 0.0, 0.0);
        for (var group = 0; group < hessians.Count; group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            layer.Inputs.Weights.Read(values, group, matrix);
            var (chosen, nearest) = (layer.Target.Grid(layer.Inputs, group), layer.Target.Grid(layer.Inputs, group));
            var factor = LayerFactor.Of(hessians[group], Units(chosen, depth));
            var noises = ErrorFeedback.Round(factor, matrix, outputs, chosen);
            var nearestNoises = ErrorFeedback.Round(factor, matrix, outputs, nearest, feedsBack: false);
            signal += factor.Energies(matrix, outputs).Sum();
            for (var output = 0; output < outputs; output++)
            {
                nearestNoise += nearestNoises[output];
                noise += Math.Min(noises[output], nearestNoises[output]);
                if (nearestNoises[output] < noises[output])
                {
                    CopyColumn(nearest.Levels, chosen.Levels, output, outputs);
                }
            }

            layer.Inputs.Weights.Write(chosen.Levels, levels.AsSpan(group * depth * outputs, depth * outputs));
        }

        return new RoundedWeight(layer.Target, levels, signal, noise, nearestNoise);
    }

    /// <summary>The inputs that are rounded together.</summary>
    private static List<int[]> Units(IRoundingGrid grid, int inputs)
    {
        var units = new List<int[]>(inputs);
        for (var input = 0; input < inputs; input++)
        {
            var partner = grid is IPairedGrid paired ? paired.Partner(input) : null;
            if (partner is null || partner > input)
            {
                units.Add(partner is { } other ? [input, other] : [input]);
            }
        }

        return units;
    }

    private static void CopyColumn(sbyte[] from, sbyte[] to, int column, int columns)
    {
        for (var index = column; index < from.Length; index += columns)
        {
            to[index] = from[index];
        }
    }
}
