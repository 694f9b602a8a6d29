using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The Cholesky factor of a damped Hessian whose inputs have been put in an order.</summary>
internal sealed class LayerFactor
{
    /// <summary>
    /// The share of the mean diagonal that is added to each diagonal element: it makes the factor exist where inputs depend on one another. Few rows ask for more.
    /// </summary>
    private const double Damping = 0.01;

    /// <summary>Beyond it only what is on the diagonal counts.</summary>
    private const double MostShrinkage = 0.99;

    private const int BlockInputs = 64;

    private LayerFactor(double[] values, int[] order, double added) => (Values, Order, Added) = (values, order, added);

    /// <summary>L, [inputs × inputs]; what is above the diagonal has no meaning.</summary>
    public double[] Values { get; }

    /// <summary>The inputs in the order of the factor; the last one is rounded first.</summary>
    public int[] Order { get; }

    /// <summary>What the damping added to each diagonal element.</summary>
    public double Added { get; }

    public int Inputs => Order.Length;

    public double At(int row, int column) => Values[(row * Inputs) + column];

    /// <summary>A rectangle of L.</summary>
    public ReadOnlyMatrixPart<double> Part(int firstRow, int rows, int firstColumn, int columns) => new(Values.AsSpan((firstRow * Inputs) + firstColumn), rows, columns, Inputs);

    /// <summary>wᵀ·H·w of each output: |Lᵀ·w|².</summary>
    /// <param name="weights">[inputs × outputs], the inputs in their own order.</param>
    /// <param name="outputs">How many outputs there are.</param>
    public double[] Energies(double[] weights, int outputs)
    {
        var ordered = new double[weights.Length];
        for (var place = 0; place < Inputs; place++)
        {
            weights.AsSpan(Order[place] * outputs, outputs).CopyTo(ordered.AsSpan(place * outputs));
        }

        var energies = new double[outputs];
        var products = new double[BlockInputs * outputs];
        for (var first = 0; first < Inputs; first += BlockInputs)
        {
            var count = Math.Min(BlockInputs, Inputs - first);
            products.AsSpan().Clear();
            // Nothing of L lies above the diagonal: rows from the first one on, of which those of the block itself reach to their diagonal only.
            for (var place = first; place < first + count; place++)
            {
                TransposedProduct.Add<double>(Part(place, 1, first, place - first + 1), new(ordered.AsSpan(place * outputs), 1, outputs), new MatrixPart<double>(products, place - first + 1, outputs));
            }

            if (first + count < Inputs)
            {
                TransposedProduct.Add<double>(Part(first + count, Inputs - first - count, first, count), new(ordered.AsSpan((first + count) * outputs), Inputs - first - count, outputs), new MatrixPart<double>(products, count, outputs));
            }

            for (var index = 0; index < count * outputs; index++)
            {
                energies[index % outputs] += products[index] * products[index];
            }
        }

        return energies;
    }

    /// <summary>Factors a Hessian.</summary>
    /// <param name="hessian">[inputs × inputs], symmetric and positive semidefinite; what is above the diagonal is not read.</param>
    /// <param name="rows">Of how many rows it is the mean.</param>
    /// <param name="units">The inputs that stay side by side: each alone, or pairs of them.</param>
    /// <param name="threads">How many may take part; they change no bit.</param>
    public static LayerFactor Of(ReadOnlySpan<double> hessian, long rows, IReadOnlyList<int[]> units, int threads)
    {
        var inputs = units.Sum(unit => unit.Length);
        var mean = 0.0;
        for (var input = 0; input < inputs; input++)
        {
            mean += hessian[(input * inputs) + input] / inputs;
        }

        var order = Ordered(hessian, inputs, units);
        var values = new double[inputs * inputs];
        for (var damping = Damping + FewRows(hessian, inputs, mean * inputs, rows); ; damping *= 10)
        {
            // An input that is always zero, in a layer whose inputs all are.
            var added = mean > 0 ? damping * mean : 1;
            for (var row = 0; row < inputs; row++)
            {
                for (var column = 0; column < row; column++)
                {
                    values[(row * inputs) + column] = At(hessian, inputs, order[row], order[column]);
                }

                values[(row * inputs) + row] = At(hessian, inputs, order[row], order[row]) + added;
            }

            if (CholeskyFactor.InPlace(values, inputs, threads))
            {
                return new LayerFactor(values, order, added);
            }
        }
    }

    /// <summary>
    /// The damping that few rows ask for: with fewer of them than inputs, errors could be taken back on the samples that grow on all others. A mean over n rows, drawn towards equal and independent inputs by ρ, is nearest to what
    /// any number of rows would give; ρ is told by H and n (Chen et al. 2010, "Shrinkage Algorithms for MMSE Covariance Estimation", the oracle approximating one), and ρ / (1 − ρ) is that share of the mean diagonal.
    /// </summary>
    private static double FewRows(ReadOnlySpan<double> hessian, int inputs, double trace, long rows)
    {
        var squares = 0.0;
        for (var row = 0; row < inputs; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var value = hessian[(row * inputs) + column];
                squares += (column < row ? 2 : 1) * value * value;
            }
        }

        var (possible, unequal) = (1 - (2.0 / inputs), squares - (trace * trace / inputs));
        var shrinkage = unequal > 0 ? Math.Clamp(((possible * squares) + (trace * trace)) / ((rows + possible) * unequal), 0, MostShrinkage) : 0;
        return shrinkage / (1 - shrinkage);
    }

    private static double At(ReadOnlySpan<double> hessian, int inputs, int row, int column) => hessian[(Math.Max(row, column) * inputs) + Math.Min(row, column)];

    /// <summary>Inputs of great weight are rounded first, while all others are left to take their errors; what has no partner comes last, so that pairs start at even places.</summary>
    private static int[] Ordered(ReadOnlySpan<double> hessian, int inputs, IReadOnlyList<int[]> units)
    {
        var diagonal = new double[inputs];
        for (var input = 0; input < inputs; input++)
        {
            diagonal[input] = hessian[(input * inputs) + input];
        }

        var longest = units.Max(unit => unit.Length);
        return [.. units.OrderByDescending(unit => unit.Length == longest).ThenBy(unit => unit.Max(input => diagonal[input])).SelectMany(unit => unit)];
    }
}
