namespace ModelBuildTasks.Compression.Tests.Kernels;

/// <summary>Seeded matrices and the plain loops that kernels must agree with.</summary>
internal static class MatrixData
{
    /// <summary>Every size around every tile and vector, and some beyond a panel or a block of rows; odd numbers keep them from repeating one another.</summary>
    public static IEnumerable<int> Sizes => [.. Enumerable.Range(0, 71), 129, 257];

    /// <summary>Numbers between −4 and 4.</summary>
    public static double[] Doubles(int length, int seed) => Array.ConvertAll(KernelData.Values(length, seed), value => value * 1.1);

    /// <summary>A symmetric positive definite matrix: XᵀX of random X, and something on the diagonal.</summary>
    public static double[] PositiveDefinite(int size, int seed)
    {
        var x = KernelData.Values(size * (size + 3), seed);
        var matrix = new double[size * size];
        for (var row = 0; row < size + 3; row++)
        {
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    matrix[(i * size) + j] += (double)x[(row * size) + i] * x[(row * size) + j];
                }
            }
        }

        for (var i = 0; i < size; i++)
        {
            matrix[(i * size) + i] += 0.5;
        }

        return matrix;
    }

    /// <summary>XᵀX below and on the diagonal: single precision within 256 rows, double precision beyond.</summary>
    public static void AddRank(float[] rows, int count, int width, double[] sums)
    {
        for (var panel = 0; panel < count; panel += 256)
        {
            for (var i = 0; i < width; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var sum = 0f;
                    for (var row = panel; row < Math.Min(count, panel + 256); row++)
                    {
                        sum += rows[(row * width) + i] * rows[(row * width) + j];
                    }

                    sums[(i * width) + j] += sum;
                }
            }
        }
    }
}
