using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>Weights that give a layer's output best by what it reads.</summary>
internal static class LeastSquares
{
    /// <summary>
    /// W + (H + λ)⁻¹·(C − H·W): the weights nearest to W that minimise the error, of which H is the mean of x·xᵀ and C that of x·yᵀ. What the samples do not tell stays as it was; λ is the damping of <see cref="LayerFactor"/>.
    /// </summary>
    /// <param name="hessian">H, [inputs × inputs], the lower triangle.</param>
    /// <param name="rows">Of how many rows it is the mean.</param>
    /// <param name="wanted">C, [inputs × outputs].</param>
    /// <param name="weights">W, [inputs × outputs].</param>
    public static double[] Weights(double[] hessian, long rows, double[] wanted, double[] weights)
    {
        var inputs = (int)Math.Sqrt(hessian.Length);
        var outputs = weights.Length / inputs;
        var factor = LayerFactor.Of(hessian, rows, [.. Enumerable.Range(0, inputs).Select(input => new[] { input })], Environment.ProcessorCount);
        var full = Symmetric(hessian, inputs);
        var missing = wanted.AsSpan().ToArray();
        TransposedProduct.Subtract<double>(new(full, inputs, inputs), new(weights, inputs, outputs), new MatrixPart<double>(missing, inputs, outputs));
        var ordered = new double[missing.Length];
        for (var place = 0; place < inputs; place++)
        {
            missing.AsSpan(factor.Order[place] * outputs, outputs).CopyTo(ordered.AsSpan(place * outputs));
        }

        TriangularSystem.Forward(factor.Values, ordered, inputs);
        TriangularSystem.Backward(factor.Values, ordered, inputs);
        var solved = weights.AsSpan().ToArray();
        for (var place = 0; place < inputs; place++)
        {
            var row = solved.AsSpan(factor.Order[place] * outputs, outputs);
            System.Numerics.Tensors.TensorPrimitives.Add(row, ordered.AsSpan(place * outputs, outputs), row);
        }

        return solved;
    }

    /// <summary>The weights of some inputs that make up best for the others being gone.</summary>
    /// <param name="hessian">H of all inputs, the lower triangle.</param>
    /// <param name="rows">Of how many rows it is the mean.</param>
    /// <param name="weights">The weights of all inputs.</param>
    /// <param name="kept">The inputs that stay.</param>
    public static double[] Remaining(double[] hessian, long rows, double[] weights, int[] kept)
    {
        var inputs = (int)Math.Sqrt(hessian.Length);
        var outputs = weights.Length / inputs;
        var (own, left, lines) = (new double[kept.Length * kept.Length], new double[kept.Length * outputs], new double[inputs * kept.Length]);
        for (var row = 0; row < kept.Length; row++)
        {
            weights.AsSpan(kept[row] * outputs, outputs).CopyTo(left.AsSpan(row * outputs));
            for (var column = 0; column <= row; column++)
            {
                own[(row * kept.Length) + column] = At(hessian, inputs, kept[row], kept[column]);
            }

            for (var input = 0; input < inputs; input++)
            {
                lines[(input * kept.Length) + row] = At(hessian, inputs, input, kept[row]);
            }
        }

        var wanted = new double[kept.Length * outputs];
        TransposedProduct.Add<double>(new(lines, inputs, kept.Length), new(weights, inputs, outputs), new MatrixPart<double>(wanted, kept.Length, outputs));
        return Weights(own, rows, wanted, left);
    }

    /// <summary>A symmetric matrix of its lower triangle.</summary>
    public static double[] Symmetric(double[] lower, int size)
    {
        var full = new double[lower.Length];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                full[(row * size) + column] = At(lower, size, row, column);
            }
        }

        return full;
    }

    private static double At(double[] lower, int size, int row, int column) => lower[(Math.Max(row, column) * size) + Math.Min(row, column)];
}
