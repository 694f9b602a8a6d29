using ModelBuildTasks.Compression.Pruning.BrainSurgeon;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Optimal brain surgeon: elements cost what is left of their error once all others of their output have made up for it, in the order in which they would go (<see cref="RemovalOrder"/>), and those that stay are fitted
/// (<see cref="SupportFit"/>).
/// </summary>
/// <param name="weight">The weight.</param>
/// <param name="pattern">Where zeros may lie; null for anywhere.</param>
/// <param name="hessians">What its layers read, one for each group.</param>
/// <param name="known">What its elements cost where that is known; else null.</param>
/// <param name="cancellationToken">Ends it early.</param>
internal sealed class SurgeonPruner(PrunableWeight weight, PatternLayout? pattern, IReadOnlyList<DampedHessian> hessians, float[]? known, CancellationToken cancellationToken)
    : FittedPruner(weight, pattern, hessians, known, cancellationToken)
{
    /// <inheritdoc/>
    protected override float[] FindCosts() => OfGroups((matrix, group, costs) =>
    {
        var inverse = Hessians[group].Inverse();
        var groups = Pattern?.GroupsOfOutput(Depth) ?? [];
        int[] removable = Pattern?.Removable(groups) ?? [Depth];
        costs.AsSpan().Fill(float.PositiveInfinity);
        Parallel.For(
            0,
            Outputs,
            new ParallelOptions { CancellationToken = CancellationToken },
            () => (Order: new RemovalOrder(Depth), Values: new double[Depth], Removed: new int[Depth], Costs: new double[Depth]),
            (output, _, own) =>
            {
                Column(matrix, output, own.Values);
                var count = own.Order.Of(inverse, own.Values, groups, removable.AsSpan().ToArray(), own.Removed, own.Costs);
                var largest = -float.Epsilon;
                for (var step = 0; step < count; step++)
                {
                    // A later one may cost less than one before it, but goes after it.
                    largest = Math.Max((float)own.Costs[step], MathF.BitIncrement(largest));
                    costs[(own.Removed[step] * Outputs) + output] = largest;
                }

                return own;
            },
            _ => { });
    });

    /// <inheritdoc/>
    protected override PrunedWeight Compensate(float[] values) => Fit(values);
}
