using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Pruning.BrainSurgeon;

namespace ModelBuildTasks.Compression.Pruning;

/// <summary>
/// Optimal brain damage (Le Cun, Denker and Solla 1989): an element costs w² · Hⱼⱼ / 2, as if each were the only one to go, and the others stay as they are. What half an error is worth is left out: only the order counts.
/// </summary>
/// <param name="weight">The weight.</param>
/// <param name="pattern">Where zeros may lie; null for anywhere.</param>
/// <param name="hessians">What its layers read, one for each group.</param>
/// <param name="costs">What its elements cost where that is known; else null.</param>
internal class DiagonalPruner(PrunableWeight weight, PatternLayout? pattern, IReadOnlyList<DampedHessian> hessians, float[]? costs = null) : WeightPruner(weight, pattern, costs)
{
    /// <summary>The damped Hessian of each group.</summary>
    protected IReadOnlyList<DampedHessian> Hessians => hessians;

    /// <summary>The weights of an output.</summary>
    protected int Depth => Weight.Observed!.Inputs.Depth;

    /// <summary>The outputs of a group.</summary>
    protected int Outputs => Weight.Observed!.Inputs.Outputs;

    /// <inheritdoc/>
    protected override float[] OwnCosts() => OfGroups((matrix, group, costs) =>
    {
        for (var index = 0; index < matrix.Length; index++)
        {
            var input = index / Outputs;
            costs[index] = (float)(matrix[index] * matrix[index] * hessians[group].Values[(input * Depth) + input]);
        }
    });

    /// <inheritdoc/>
    protected override PrunedWeight Compensate(float[] values)
    {
        var (signal, noise) = (0.0, 0.0);
        var before = new SinglesReader(Weight.Weight.Tensor);
        var after = new SinglesReader(values);
        for (var group = 0; group < hessians.Count; group++)
        {
            var (matrix, changed) = (Matrix(before, group), Matrix(after, group));
            signal += Energy(matrix, hessians[group].Times(matrix, Outputs));
            for (var index = 0; index < matrix.Length; index++)
            {
                changed[index] -= matrix[index];
            }

            noise += Energy(changed, hessians[group].Times(changed, Outputs));
        }

        return new PrunedWeight(values, signal, noise);
    }

    /// <summary>Makes something of the matrix [depth × outputs] of each group, and puts it into the weight's order.</summary>
    protected float[] OfGroups(Action<double[], int, float[]> make)
    {
        var reader = new SinglesReader(Weight.Weight.Tensor);
        var all = new float[reader.Count];
        var ofGroup = new float[Depth * Outputs];
        for (var group = 0; group < hessians.Count; group++)
        {
            make(Matrix(reader, group), group, ofGroup);
            Weight.Observed!.Inputs.Weights.Write<float>(ofGroup, all.AsSpan(group * ofGroup.Length, ofGroup.Length));
        }

        return all;
    }

    /// <summary>The matrix [depth × outputs] of a group.</summary>
    protected double[] Matrix(SinglesReader reader, int group)
    {
        var matrix = new double[Depth * Outputs];
        Weight.Observed!.Inputs.Weights.Read(reader, group, matrix);
        return matrix;
    }

    private static double Energy(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var index = 0; index < left.Length; index++)
        {
            sum += left[index] * right[index];
        }

        return sum;
    }
}
