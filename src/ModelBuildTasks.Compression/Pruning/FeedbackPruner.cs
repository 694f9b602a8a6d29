using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning.BrainSurgeon;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Optimal brain surgeon for layers of many inputs, whose order of removal would take too long: an element costs w² / [H⁻¹]ⱼⱼ, as if it alone went, and the errors of those that go are fed to the inputs behind them one after the other
/// (Frantar and Alistarh 2023, "SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot"), by the same pass as rounding. Feedback reaches only the inputs behind; where few enough stay, they are fitted together then.
/// </summary>
/// <param name="weight">The weight.</param>
/// <param name="pattern">Where zeros may lie; null for anywhere.</param>
/// <param name="hessians">What its layers read, one for each group.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class FeedbackPruner(PrunableWeight weight, PatternLayout? pattern, IReadOnlyList<DampedHessian> hessians, CancellationToken cancellationToken)
    : FittedPruner(weight, pattern, hessians, null, cancellationToken)
{
    /// <summary>Outputs that are worked on together: their errors and what is wanted of them stay in the cache.</summary>
    private const int MostOutputs = 128;

    /// <summary>Multiply-adds that a fit of one weight may take.</summary>
    private const double MostFitProducts = 2e10;

    /// <inheritdoc/>
    protected override float[] OwnCosts() => OfGroups((matrix, group, costs) =>
    {
        var diagonal = Hessians[group].InverseDiagonal();
        for (var index = 0; index < matrix.Length; index++)
        {
            costs[index] = (float)(matrix[index] * matrix[index] / diagonal[index / Outputs]);
        }
    });

    /// <inheritdoc/>
    protected override PrunedWeight Compensate(float[] values)
    {
        var fed = Feed(values);
        return FitProducts(fed.Values) <= MostFitProducts ? Fit(fed.Values) : fed;
    }

    /// <summary>A sixth of a cube of those that stay, for each output.</summary>
    private double FitProducts(float[] values)
    {
        var reader = new SinglesReader(values);
        var products = 0.0;
        for (var group = 0; group < Hessians.Count; group++)
        {
            var matrix = Matrix(reader, group);
            for (var output = 0; output < Outputs; output++)
            {
                double stays = 0;
                for (var index = output; index < matrix.Length; index += Outputs)
                {
                    stays += matrix[index] == 0 ? 0 : 1;
                }

                products += stays * stays * stays / 6;
            }
        }

        return products;
    }

    private PrunedWeight Feed(float[] values)
    {
        var after = new SinglesReader(values);
        var noises = new double[Outputs * Hessians.Count];
        var signals = new double[noises.Length];
        var fed = OfGroups((matrix, group, ofGroup) =>
        {
            var (masked, weights) = (Matrix(after, group), Weight.Observed!.Inputs.Weights);
            Parallel.For(0, (Outputs + MostOutputs - 1) / MostOutputs, new ParallelOptions { CancellationToken = CancellationToken }, part =>
            {
                var first = part * MostOutputs;
                var count = Math.Min(MostOutputs, Outputs - first);
                var own = weights.Columns(matrix, first, count);
                var grid = new MaskedRounding(weights.Columns(masked, first, count), count, Pattern is not null);
                ErrorFeedback.Round(Hessians[group].Factor, own, count, grid).CopyTo(noises, (group * Outputs) + first);
                Hessians[group].Factor.Energies(own, count).CopyTo(signals, (group * Outputs) + first);
                for (var index = 0; index < own.Length; index++)
                {
                    ofGroup[(index / count * Outputs) + first + (index % count)] = (float)grid.Values[index];
                }
            });
        });
        return new PrunedWeight(fed, signals.Sum(), noises.Sum());
    }
}
