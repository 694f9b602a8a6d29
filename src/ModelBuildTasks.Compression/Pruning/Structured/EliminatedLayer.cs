using System.Numerics.Tensors;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.SecondOrder;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>
/// A layer that loses input channels one after the other, its other weights making up for it (optimal brain surgeon with blocks of weights; Hassibi and Stork 1993). With G = H⁻¹ and the rows S of a channel, its loss is
/// tr(W_Sᵀ·(G_SS)⁻¹·W_S); then W −= G_:S·(G_SS)⁻¹·W_S and G −= G_:S·(G_SS)⁻¹·G_S:.
/// </summary>
internal sealed class EliminatedLayer
{
    /// <summary>Outputs that are told apart; more of them are mixed into as many by signs, which keeps what sums of their squares are expected to be (Achlioptas 2003, "Database-friendly random projections").</summary>
    private const int MostOutputs = 128;

    /// <summary>Inputs whose inverse Hessian is held; of more, what others make up for is not counted.</summary>
    private const int MostInputs = 2304;

    private readonly int inputs;
    private readonly int outputs;
    private readonly double[] weights;
    private readonly double[] products;
    private readonly bool isInverse;
    private readonly IReadOnlyDictionary<int, int[]> rows;

    private EliminatedLayer(double[] weights, int outputs, double[] products, bool isInverse, IReadOnlyDictionary<int, int[]> rows, double signal)
    {
        (this.weights, this.outputs, this.products, this.isInverse, this.rows, Signal) = (weights, outputs, products, isInverse, rows, signal);
        inputs = weights.Length / outputs;
    }

    /// <summary>The energy of the layer's output.</summary>
    public double Signal { get; }

    /// <summary>A layer, or a group of one.</summary>
    /// <param name="hessian">[inputs × inputs], the lower triangle.</param>
    /// <param name="count">Of how many rows it is the mean.</param>
    /// <param name="matrix">The weights, [inputs × outputs].</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="rows">The inputs of each channel that may go.</param>
    public static EliminatedLayer Of(double[] hessian, long count, double[] matrix, int outputs, IReadOnlyDictionary<int, int[]> rows)
    {
        var inputs = matrix.Length / outputs;
        var mixed = outputs <= MostOutputs ? [.. matrix] : Mixed(matrix, inputs, outputs);
        outputs = Math.Min(outputs, MostOutputs);
        for (var input = 0; input < inputs; input++)
        {
            if (hessian[(input * inputs) + input] == 0)
            {
                // It is always zero: its weights do nothing, though the damping would let them count.
                mixed.AsSpan(input * outputs, outputs).Clear();
            }
        }

        if (inputs > MostInputs)
        {
            return new(mixed, outputs, hessian, false, rows, rows.Values.Sum(own => Energy(hessian, inputs, mixed, outputs, own)));
        }

        var factor = LayerFactor.Of(hessian, count, [.. Enumerable.Range(0, inputs).Select(input => new[] { input })], Environment.ProcessorCount);
        var root = new double[inputs * inputs];
        for (var place = 0; place < inputs; place++)
        {
            root[(place * inputs) + place] = 1;
        }

        TriangularSystem.Forward(factor.Values, root, inputs);
        var inverse = new double[inputs * inputs];
        TransposedProduct.Add<double>(new(root, inputs, inputs), new(root, inputs, inputs), new MatrixPart<double>(inverse, inputs, inputs));
        // The factor has an order of its own.
        var places = new int[inputs];
        var ordered = new double[mixed.Length];
        for (var place = 0; place < inputs; place++)
        {
            places[factor.Order[place]] = place;
            mixed.AsSpan(factor.Order[place] * outputs, outputs).CopyTo(ordered.AsSpan(place * outputs));
        }

        return new(ordered, outputs, inverse, true, rows.ToDictionary(row => row.Key, row => Array.ConvertAll(row.Value, input => places[input])), factor.Energies(mixed, outputs).Sum());
    }

    /// <summary>What it costs that a channel goes, as the layer is now: noise in the energy of its output.</summary>
    public double Cost(int channel)
    {
        var own = rows.GetValueOrDefault(channel, []);
        return own.Length == 0 ? 0
            : isInverse ? TensorPrimitives.SumOfSquares<double>(Solved(own).Weights)
            : Energy(products, inputs, weights, outputs, own);
    }

    /// <summary>Lets channels go together, and tells what it costs.</summary>
    public double Eliminate(IReadOnlyList<int> channels)
    {
        if (!isInverse)
        {
            return channels.Sum(Cost);
        }

        int[] own = [.. channels.SelectMany(channel => rows.GetValueOrDefault(channel, []))];
        if (own.Length == 0)
        {
            return 0;
        }

        var (factor, solved) = Solved(own);
        var lines = new double[own.Length * inputs];
        for (var row = 0; row < own.Length; row++)
        {
            products.AsSpan(own[row] * inputs, inputs).CopyTo(lines.AsSpan(row * inputs));
        }

        TriangularSystem.Forward(factor, lines, own.Length);
        var left = new ReadOnlyMatrixPart<double>(lines, own.Length, inputs);
        TransposedProduct.Subtract<double>(left, new(solved, own.Length, outputs), new MatrixPart<double>(weights, inputs, outputs));
        TransposedProduct.Subtract<double>(left, left, new MatrixPart<double>(products, inputs, inputs));
        return TensorPrimitives.SumOfSquares<double>(solved);
    }

    /// <summary>C of G_SS = C·Cᵀ, and C⁻¹·W_S.</summary>
    private (double[] Factor, double[] Weights) Solved(int[] own)
    {
        var factor = new double[own.Length * own.Length];
        var solved = new double[own.Length * outputs];
        for (var row = 0; row < own.Length; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                factor[(row * own.Length) + column] = products[(own[row] * inputs) + own[column]];
            }

            weights.AsSpan(own[row] * outputs, outputs).CopyTo(solved.AsSpan(row * outputs));
        }

        if (!CholeskyFactor.InPlace(factor, own.Length))
        {
            // What is left of rounding where others make up for all of it.
            return (Unit(own.Length), new double[solved.Length]);
        }

        TriangularSystem.Forward(factor, solved, own.Length);
        return (factor, solved);
    }

    private static double[] Unit(int size)
    {
        var unit = new double[size * size];
        for (var row = 0; row < size; row++)
        {
            unit[(row * size) + row] = 1;
        }

        return unit;
    }

    /// <summary>tr(W_Sᵀ·H_SS·W_S).</summary>
    private static double Energy(double[] hessian, int inputs, double[] weights, int outputs, int[] own)
    {
        var energy = 0.0;
        foreach (var row in own)
        {
            foreach (var column in own)
            {
                energy += hessian[(Math.Max(row, column) * inputs) + Math.Min(row, column)] * TensorPrimitives.Dot<double>(weights.AsSpan(row * outputs, outputs), weights.AsSpan(column * outputs, outputs));
            }
        }

        return energy;
    }

    private static double[] Mixed(double[] matrix, int inputs, int outputs)
    {
        var mixed = new double[inputs * MostOutputs];
        var signs = new double[outputs * MostOutputs];
        var state = 1UL;
        for (var i = 0; i < signs.Length; i++)
        {
            // Knuth's MMIX generator: the same signs everywhere.
            state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
            signs[i] = (state >> 63) == 0 ? 1 / Math.Sqrt(MostOutputs) : -1 / Math.Sqrt(MostOutputs);
        }

        var turned = new double[matrix.Length];
        Transposition.Of<double>(matrix, inputs, outputs, turned);
        TransposedProduct.Add<double>(new(turned, outputs, inputs), new(signs, outputs, MostOutputs), new MatrixPart<double>(mixed, inputs, MostOutputs));
        return mixed;
    }
}
