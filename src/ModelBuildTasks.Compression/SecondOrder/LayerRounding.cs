using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>Rounds the weight of one layer by the Hessians of its inputs. Outputs that feedback made worse than nearest values, which is rare, keep these.</summary>
internal sealed class LayerRounding
{
    /// <summary>Outputs that are rounded together: their errors and what is wanted of them stay in the cache.</summary>
    private const int MostOutputs = 128;

    private readonly RoundedLayer layer;
    private readonly CancellationToken cancellationToken;
    private readonly sbyte[] levels;
    // Of each output of all groups.
    private readonly double[] signals;
    private readonly double[] noises;
    private readonly double[] nearestNoises;

    private LayerRounding(RoundedLayer layer, CancellationToken cancellationToken)
    {
        (this.layer, this.cancellationToken) = (layer, cancellationToken);
        var outputs = layer.Inputs.Outputs * layer.Inputs.Groups;
        levels = new sbyte[layer.Inputs.Depth * outputs];
        (signals, noises, nearestNoises) = (new double[outputs], new double[outputs], new double[outputs]);
    }

    /// <summary>Rounds.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="hessians">One for each group.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static RoundedWeight Round(RoundedLayer layer, IReadOnlyList<LayerHessian> hessians, CancellationToken cancellationToken)
    {
        var fitted = layer with { Target = layer.Target.Fitted(layer.Weight, layer.Inputs.Importances(hessians)) };
        var rounding = new LayerRounding(fitted, cancellationToken);
        // Groups do not depend on one another, nor do the outputs of a group.
        if (hessians.Count > 1)
        {
            Parallel.For(0, hessians.Count, new ParallelOptions { CancellationToken = cancellationToken }, group => rounding.Round(hessians[group], group, 1));
        }
        else
        {
            rounding.Round(hessians[0], 0, Environment.ProcessorCount);
        }

        return new RoundedWeight(fitted.Target, rounding.levels, rounding.signals.Sum(), rounding.noises.Sum(), rounding.nearestNoises.Sum());
    }

    private void Round(LayerHessian hessian, int group, int threads)
    {
        var (depth, outputs) = (layer.Inputs.Depth, layer.Inputs.Outputs);
        var matrix = new double[depth * outputs];
        layer.Inputs.Weights.Read(new SinglesReader(layer.Weight.Tensor), group, matrix);
        var factor = LayerFactor.Of(hessian.Matrix(), hessian.Rows, Units(layer.Target.Grid(layer.Inputs, group * outputs, 1), depth), threads);
        var ofGroup = new sbyte[matrix.Length];
        var parts = (outputs + MostOutputs - 1) / MostOutputs;
        Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads }, part => Round(factor, matrix, ofGroup, part * MostOutputs, group * outputs));
        layer.Inputs.Weights.Write(ofGroup, levels.AsSpan(group * matrix.Length, matrix.Length));
    }

    /// <summary>Rounds some outputs of a group.</summary>
    private void Round(LayerFactor factor, double[] matrix, sbyte[] ofGroup, int first, int firstOfGroup)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (depth, outputs) = (layer.Inputs.Depth, layer.Inputs.Outputs);
        var count = Math.Min(MostOutputs, outputs - first);
        var weights = layer.Inputs.Weights.Columns(matrix, first, count);
        var (chosen, nearest) = (layer.Target.Grid(layer.Inputs, firstOfGroup + first, count), layer.Target.Grid(layer.Inputs, firstOfGroup + first, count));
        var partNoises = ErrorFeedback.Round(factor, weights, count, chosen);
        var partNearest = ErrorFeedback.Round(factor, weights, count, nearest, feedsBack: false);
        factor.Energies(weights, count).CopyTo(signals, firstOfGroup + first);
        for (var output = 0; output < count; output++)
        {
            var better = partNearest[output] < partNoises[output] ? nearest : chosen;
            noises[firstOfGroup + first + output] = Math.Min(partNearest[output], partNoises[output]);
            nearestNoises[firstOfGroup + first + output] = partNearest[output];
            for (var input = 0; input < depth; input++)
            {
                ofGroup[(input * outputs) + first + output] = better.Levels[(input * count) + output];
            }
        }
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
}
