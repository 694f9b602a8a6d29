using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Pruning.BrainSurgeon;

/// <summary>The values of the weights that stay with which an output changes least: those of a mask make up for the others as well as they can, H·ŵ = H·w on the weights that stay.</summary>
/// <param name="hessian">H, [inputs × inputs], both triangles; positive definite.</param>
/// <param name="inputs">How many weights an output has.</param>
internal sealed class SupportFit(double[] hessian, int inputs)
{
    private readonly int[] kept = new int[inputs];
    private readonly double[] solution = new double[inputs];
    private double[] part = [];

    /// <summary>Fits.</summary>
    /// <param name="wanted">H·w.</param>
    /// <param name="values">w, whose zeros are those of the mask; gets ŵ.</param>
    /// <returns>wᵀ·H·w − eᵀ·H·e: what of the output's energy is still there.</returns>
    public double Of(ReadOnlySpan<double> wanted, Span<double> values)
    {
        var count = 0;
        for (var input = 0; input < inputs; input++)
        {
            if (values[input] != 0)
            {
                kept[count++] = input;
            }
        }

        part = part.Length < count * count ? new double[count * count] : part;
        var matrix = part.AsSpan(0, count * count);
        for (var row = 0; row < count; row++)
        {
            var source = hessian.AsSpan(kept[row] * inputs, inputs);
            for (var column = 0; column <= row; column++)
            {
                matrix[(row * count) + column] = source[kept[column]];
            }
        }

        // A part of a positive definite matrix is one too.
        CholeskyFactor.InPlace(matrix, count);
        Solve(matrix, count, wanted);
        var energy = 0.0;
        for (var row = 0; row < count; row++)
        {
            values[kept[row]] = solution[row];
            energy += solution[row] * wanted[kept[row]];
        }

        return energy;
    }

    private void Solve(ReadOnlySpan<double> factor, int count, ReadOnlySpan<double> wanted)
    {
        for (var row = 0; row < count; row++)
        {
            var sum = wanted[kept[row]];
            for (var column = 0; column < row; column++)
            {
                sum -= factor[(row * count) + column] * solution[column];
            }

            solution[row] = sum / factor[(row * count) + row];
        }

        for (var row = count - 1; row >= 0; row--)
        {
            var value = solution[row] / factor[(row * count) + row];
            solution[row] = value;
            for (var column = 0; column < row; column++)
            {
                solution[column] -= factor[(row * count) + column] * value;
            }
        }
    }
}
