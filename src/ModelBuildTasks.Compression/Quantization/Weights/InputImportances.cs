namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>What a squared error of each weight does to its layer's output, in the mean: the mean square of the input that the weight is multiplied with, which is the diagonal of the Hessian.</summary>
internal sealed class InputImportances
{
    /// <summary>The share of the mean that each has at least: inputs that were zero on some samples need not be on others.</summary>
    private const double Least = 0.01;

    private readonly WeightLayout layout;
    private readonly float[] importances;
    private readonly int depth;

    /// <param name="layout">Which channels the weight joins.</param>
    /// <param name="ofGroups">The mean square of each input, one array for each group of the layer.</param>
    public InputImportances(WeightLayout layout, IReadOnlyList<double[]> ofGroups)
    {
        this.layout = layout;
        depth = layout.GroupInputs * layout.Positions;
        var floor = Least * ofGroups.SelectMany(each => each).Average();
        // All alike in a layer whose inputs are always zero.
        importances = [.. ofGroups.SelectMany(each => each).Select(square => floor > 0 ? (float)Math.Max(floor, square) : 1)];
    }

    /// <summary>Those of some elements of the weight, in its order.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="part">Gets one for each element.</param>
    public void Read(long start, Span<float> part)
    {
        if (!layout.HasOutputsFirst)
        {
            for (var i = 0; i < part.Length; i++)
            {
                part[i] = importances[(start + i) / layout.Outputs];
            }

            return;
        }

        for (var i = 0; i < part.Length;)
        {
            var (output, input) = Math.DivRem(start + i, depth);
            var run = Math.Min(depth - (int)input, part.Length - i);
            importances.AsSpan(((int)output / (layout.Outputs / layout.Groups) * depth) + (int)input, run).CopyTo(part[i..]);
            i += run;
        }
    }
}
