using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning.BrainSurgeon;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>Elements that stay make up for those that went, as well as they can (<see cref="SupportFit"/>).</summary>
/// <param name="weight">The weight.</param>
/// <param name="pattern">Where zeros may lie; null for anywhere.</param>
/// <param name="hessians">What its layers read, one for each group.</param>
/// <param name="costs">What its elements cost where that is known; else null.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal abstract class FittedPruner(PrunableWeight weight, PatternLayout? pattern, IReadOnlyList<DampedHessian> hessians, float[]? costs, CancellationToken cancellationToken)
    : DiagonalPruner(weight, pattern, hessians, costs)
{
    /// <summary>Ends it early.</summary>
    protected CancellationToken CancellationToken => cancellationToken;

    /// <summary>Fits those that stay.</summary>
    /// <param name="values">The weight, whose zeros are those of the mask.</param>
    protected PrunedWeight Fit(float[] values)
    {
        var after = new SinglesReader(values);
        var (signals, kept) = (new double[Outputs * Hessians.Count], new double[Outputs * Hessians.Count]);
        var fitted = OfGroups((matrix, group, ofGroup) =>
        {
            var wanted = Hessians[group].Times(matrix, Outputs);
            var masked = Matrix(after, group);
            Parallel.For(
                0,
                Outputs,
                new ParallelOptions { CancellationToken = cancellationToken },
                () => (Fit: new SupportFit(Hessians[group].Values, Depth), Wanted: new double[Depth], Values: new double[Depth]),
                (output, _, own) =>
                {
                    Column(wanted, output, own.Wanted);
                    Column(masked, output, own.Values);
                    kept[(group * Outputs) + output] = own.Fit.Of(own.Wanted, own.Values);
                    for (var input = 0; input < Depth; input++)
                    {
                        signals[(group * Outputs) + output] += matrix[(input * Outputs) + output] * own.Wanted[input];
                        ofGroup[(input * Outputs) + output] = (float)own.Values[input];
                    }

                    return own;
                },
                _ => { });
        });
        var signal = signals.Sum();
        return new PrunedWeight(fitted, signal, Math.Max(0, signal - kept.Sum()));
    }

    /// <summary>A column of a matrix [depth × outputs].</summary>
    protected void Column(double[] matrix, int output, double[] column)
    {
        for (var input = 0; input < column.Length; input++)
        {
            column[input] = matrix[(input * Outputs) + output];
        }
    }
}
