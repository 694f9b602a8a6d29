using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Pruning.Structured;

/// <summary>The weights and the bias of a layer, or of a group of one, that give best what the whole model gave, by what the pruned model reads (compare He et al. 2017, "Channel Pruning for Accelerating Very Deep Neural Networks").</summary>
/// <param name="Weights">[inputs × outputs].</param>
/// <param name="Intercepts">What is missing of the mean of each output; none where nothing can be added to them.</param>
/// <param name="Signal">The variance of the outputs, summed.</param>
/// <param name="Noise">What is left of the error, summed.</param>
internal sealed record LayerRegression(double[] Weights, double[] Intercepts, double Signal, double Noise)
{
    /// <summary>Solves.</summary>
    /// <param name="moments">The means of the products of x, 1 and y, the lower triangle.</param>
    /// <param name="rows">Of how many rows they are the means.</param>
    /// <param name="weights">The weights as they are, [inputs × outputs].</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="hasIntercepts">Whether a constant can be added to the outputs. Then variances alone are fitted, and the means are made right by it.</param>
    public static LayerRegression Of(double[] moments, long rows, double[] weights, int outputs, bool hasIntercepts)
    {
        var inputs = weights.Length / outputs;
        var size = inputs + 1 + outputs;
        var (hessian, wanted) = (new double[inputs * inputs], new double[inputs * outputs]);
        double Mean(int column) => hasIntercepts ? column < inputs ? moments[(inputs * size) + column] : moments[(column * size) + inputs] : 0;
        for (var row = 0; row < inputs; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                hessian[(row * inputs) + column] = moments[(row * size) + column] - (Mean(row) * Mean(column));
            }

            for (var output = 0; output < outputs; output++)
            {
                wanted[(row * outputs) + output] = moments[((inputs + 1 + output) * size) + row] - (Mean(row) * Mean(inputs + 1 + output));
            }
        }

        var solved = LeastSquares.Weights(hessian, rows, wanted, weights);
        var intercepts = new double[hasIntercepts ? outputs : 0];
        var (signal, noise) = (0.0, 0.0);
        var products = Products(hessian, solved, inputs, outputs);
        for (var output = 0; output < outputs; output++)
        {
            var place = inputs + 1 + output;
            var energy = moments[(place * size) + place] - (Mean(place) * Mean(place));
            var error = energy;
            var given = 0.0;
            for (var input = 0; input < inputs; input++)
            {
                var index = (input * outputs) + output;
                error += solved[index] * (products[index] - (2 * wanted[index]));
                given += solved[index] * Mean(input);
            }

            if (hasIntercepts)
            {
                intercepts[output] = Mean(place) - given;
            }

            (signal, noise) = (signal + energy, noise + Math.Max(0, error));
        }

        return new(solved, intercepts, signal, noise);
    }

    /// <summary>H·W, of which H is the lower triangle.</summary>
    private static double[] Products(double[] hessian, double[] weights, int inputs, int outputs)
    {
        var full = LeastSquares.Symmetric(hessian, inputs);
        var products = new double[weights.Length];
        TransposedProduct.Add<double>(new(full, inputs, inputs), new(weights, inputs, outputs), new MatrixPart<double>(products, inputs, outputs));
        return products;
    }
}
