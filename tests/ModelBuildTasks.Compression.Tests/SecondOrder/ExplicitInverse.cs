using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Tests.SecondOrder;

/// <summary>
/// Rounding as Frantar et al. 2022 ("GPTQ") publish it, in the plainest form: H is inverted by Gauss-Jordan, U is the upper triangle with H⁻¹ = Uᵀ·U, and the error of a column, divided by U's diagonal, is spread over the columns
/// behind by the row of U. Nothing of it is shared with what it is compared with.
/// </summary>
internal static class ExplicitInverse
{
    /// <summary>Rounds all weights of a layer.</summary>
    /// <param name="layer">The layer; its H is damped.</param>
    /// <param name="first">The inputs, what is rounded first at the front.</param>
    /// <param name="nearest">The level of an input and output that is nearest to a value, and what it stands for.</param>
    /// <returns>[inputs × outputs]: the levels.</returns>
    public static sbyte[] Round(CorrelatedLayer layer, int[] first, Func<int, int, double, (sbyte Level, double Restored)> nearest)
    {
        var (count, outputs, damped) = (layer.Inputs, layer.Outputs, layer.Damped());
        var ordered = new double[count, count];
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < count; column++)
            {
                ordered[row, column] = damped[(first[row] * count) + first[column]];
            }
        }

        var upper = Upper(Inverse(ordered));
        var wanted = new double[count, outputs];
        var levels = new sbyte[count * outputs];
        for (var column = 0; column < count; column++)
        {
            for (var output = 0; output < outputs; output++)
            {
                wanted[column, output] = layer.Weights[(first[column] * outputs) + output];
            }
        }

        for (var column = 0; column < count; column++)
        {
            for (var output = 0; output < outputs; output++)
            {
                var (level, restored) = nearest(first[column], output, wanted[column, output]);
                levels[(first[column] * outputs) + output] = level;
                var error = (wanted[column, output] - restored) / upper[column, column];
                for (var behind = column + 1; behind < count; behind++)
                {
                    wanted[behind, output] -= error * upper[column, behind];
                }
            }
        }

        return levels;
    }

    /// <summary>The order of a factor: what is last in it is rounded first.</summary>
    public static int[] FirstToLast(LayerFactor factor) => [.. factor.Order.Reverse()];

    /// <summary>Gauss-Jordan with the largest pivot of each column.</summary>
    private static double[,] Inverse(double[,] matrix)
    {
        var count = matrix.GetLength(0);
        var (left, right) = ((double[,])matrix.Clone(), new double[count, count]);
        for (var i = 0; i < count; i++)
        {
            right[i, i] = 1;
        }

        for (var pivot = 0; pivot < count; pivot++)
        {
            var largest = Enumerable.Range(pivot, count - pivot).MaxBy(row => Math.Abs(left[row, pivot]));
            for (var column = 0; column < count; column++)
            {
                (left[pivot, column], left[largest, column]) = (left[largest, column], left[pivot, column]);
                (right[pivot, column], right[largest, column]) = (right[largest, column], right[pivot, column]);
            }

            var scale = left[pivot, pivot];
            for (var column = 0; column < count; column++)
            {
                (left[pivot, column], right[pivot, column]) = (left[pivot, column] / scale, right[pivot, column] / scale);
            }

            for (var row = 0; row < count; row++)
            {
                var factor = row == pivot ? 0 : left[row, pivot];
                for (var column = 0; column < count && factor != 0; column++)
                {
                    left[row, column] -= factor * left[pivot, column];
                    right[row, column] -= factor * right[pivot, column];
                }
            }
        }

        return right;
    }

    /// <summary>U, row by row, of a matrix Uᵀ·U.</summary>
    private static double[,] Upper(double[,] matrix)
    {
        var count = matrix.GetLength(0);
        var upper = new double[count, count];
        for (var row = 0; row < count; row++)
        {
            for (var column = row; column < count; column++)
            {
                var sum = matrix[row, column];
                for (var above = 0; above < row; above++)
                {
                    sum -= upper[above, row] * upper[above, column];
                }

                upper[row, column] = column == row ? Math.Sqrt(sum) : sum / upper[row, row];
            }
        }

        return upper;
    }
}
