using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.BrainSurgeon;

/// <summary>The damped Hessian of what one group of a layer reads, and its inverse.</summary>
internal sealed class DampedHessian
{
    private const int BlockRows = 64;

    private DampedHessian(double[] values, LayerFactor factor) => (Values, Factor) = (values, factor);

    /// <summary>Its Cholesky factor.</summary>
    public LayerFactor Factor { get; }

    /// <summary>[inputs × inputs], both triangles.</summary>
    public double[] Values { get; }

    public int Inputs => Factor.Inputs;

    /// <summary>Damps the mean of x·xᵀ as second-order rounding does.</summary>
    /// <param name="hessian">The sums; no rows may be added afterwards.</param>
    /// <param name="threads">How many may take part; they change no bit.</param>
    public static DampedHessian Of(LayerHessian hessian, int threads)
    {
        var (values, inputs) = (hessian.Matrix(), hessian.Inputs);
        var factor = LayerFactor.Of(values, hessian.Rows, [.. Enumerable.Range(0, inputs).Select(input => new[] { input })], threads);
        for (var row = 0; row < inputs; row++)
        {
            values[(row * inputs) + row] += factor.Added;
            for (var column = 0; column < row; column++)
            {
                values[(column * inputs) + row] = values[(row * inputs) + column];
            }
        }

        return new(values, factor);
    }

    /// <summary>H·W.</summary>
    /// <param name="weights">W, [inputs × outputs].</param>
    /// <param name="outputs">How many outputs there are.</param>
    public double[] Times(double[] weights, int outputs)
    {
        var products = new double[weights.Length];
        TransposedProduct.Add<double>(new(Values, Inputs, Inputs), new(weights, Inputs, outputs), new MatrixPart<double>(products, Inputs, outputs));
        return products;
    }

    /// <summary>The diagonal of H⁻¹.</summary>
    public double[] InverseDiagonal()
    {
        var (lower, diagonal) = (InverseOfFactor(), new double[Inputs]);
        for (var index = 0; index < lower.Length; index++)
        {
            diagonal[Factor.Order[index % Inputs]] += lower[index] * lower[index];
        }

        return diagonal;
    }

    /// <summary>H⁻¹, [inputs × inputs], both triangles.</summary>
    public double[] Inverse()
    {
        var (inputs, lower) = (Inputs, InverseOfFactor());
        var ordered = new double[lower.Length];
        TransposedProduct.Add<double>(new(lower, inputs, inputs), new(lower, inputs, inputs), new MatrixPart<double>(ordered, inputs, inputs));
        var inverse = lower;
        for (var row = 0; row < inputs; row++)
        {
            var target = inverse.AsSpan(Factor.Order[row] * inputs, inputs);
            for (var column = 0; column < inputs; column++)
            {
                target[Factor.Order[column]] = ordered[(row * inputs) + column];
            }
        }

        return inverse;
    }

    /// <summary>L⁻¹, row by row: each is a unit vector less the rows above it, as often as L has them.</summary>
    private double[] InverseOfFactor()
    {
        var inputs = Inputs;
        var inverse = new double[inputs * inputs];
        var turned = new double[BlockRows * inputs];
        for (var first = 0; first < inputs; first += BlockRows)
        {
            var count = Math.Min(BlockRows, inputs - first);
            if (first > 0)
            {
                var above = new MatrixPart<double>(turned, first, count);
                Transposition.Of(Factor.Part(first, count, 0, first), above);
                TransposedProduct.Subtract<double>(above, new(inverse, first, first, inputs), new MatrixPart<double>(inverse.AsSpan(first * inputs), count, first, inputs));
            }

            for (var row = first; row < first + count; row++)
            {
                var target = inverse.AsSpan(row * inputs, row + 1);
                target[row] = 1;
                for (var other = first; other < row; other++)
                {
                    var reached = target[..(other + 1)];
                    TensorPrimitives.MultiplyAdd(inverse.AsSpan(other * inputs, other + 1), -Factor.At(row, other), reached, reached);
                }

                TensorPrimitives.Divide(target, Factor.At(row, row), target);
            }
        }

        return inverse;
    }
}
