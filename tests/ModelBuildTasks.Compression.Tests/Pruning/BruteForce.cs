namespace ModelBuildTasks.Compression.Tests.Pruning;

/// <summary>What is best of all there is, found by trying all, with Gauss elimination: nothing that the tested code uses.</summary>
internal static class BruteForce
{
    /// <summary>The least eᵀ·H·e with which some weights of an output can be left.</summary>
    /// <param name="hessian">H, [size × size].</param>
    /// <param name="weights">w.</param>
    /// <param name="kept">The weights that stay.</param>
    public static (double Error, double[] Values) Fit(double[] hessian, double[] weights, int[] kept)
    {
        var (size, count) = (weights.Length, kept.Length);
        var rows = new double[count, count + 1];
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < count; column++)
            {
                rows[row, column] = hessian[(kept[row] * size) + kept[column]];
            }

            rows[row, count] = Enumerable.Range(0, size).Sum(input => hessian[(kept[row] * size) + input] * weights[input]);
        }

        for (var pivot = 0; pivot < count; pivot++)
        {
            for (var row = 0; row < count; row++)
            {
                var factor = row == pivot ? 0 : rows[row, pivot] / rows[pivot, pivot];
                for (var column = pivot; column <= count; column++)
                {
                    rows[row, column] -= factor * rows[pivot, column];
                }
            }
        }

        var values = new double[size];
        for (var row = 0; row < count; row++)
        {
            values[kept[row]] = rows[row, count] / rows[row, row];
        }

        return (Energy(hessian, [.. weights.Zip(values, (before, after) => before - after)]), values);
    }

    /// <summary>The least error of all masks that keep so many weights.</summary>
    public static double Least(double[] hessian, double[] weights, int kept) => Enumerable.Range(0, 1 << weights.Length)
        .Where(mask => int.PopCount(mask) == kept)
        .Min(mask => Fit(hessian, weights, [.. Enumerable.Range(0, weights.Length).Where(input => (mask >> input & 1) != 0)]).Error);

    /// <summary>eᵀ·H·e.</summary>
    public static double Energy(double[] hessian, double[] errors) =>
        Enumerable.Range(0, hessian.Length).Sum(index => errors[index / errors.Length] * hessian[index] * errors[index % errors.Length]);
}
