using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.SecondOrder;

/// <summary>The mean of x·xᵀ over the inputs x of one group of a layer, summed as rows of them come in.</summary>
/// <param name="inputs">How many inputs a row has.</param>
internal sealed class LayerHessian(int inputs)
{
    private readonly double[] products = new double[inputs * inputs];
    private readonly double[] sums = new double[inputs];
    private long count;

    public int Inputs => inputs;

    /// <summary>Adds rows.</summary>
    /// <param name="rows">[rows × inputs].</param>
    public void Add(ReadOnlySpan<float> rows)
    {
        var added = rows.Length / inputs;
        SymmetricRankUpdate.Add(rows, added, inputs, products);
        for (var row = 0; row < added; row++)
        {
            for (var input = 0; input < inputs; input++)
            {
                sums[input] += rows[(row * inputs) + input];
            }
        }

        count += added;
    }

    /// <summary>The mean of each input.</summary>
    public double[] Means() => Array.ConvertAll(sums, sum => count == 0 ? 0 : sum / count);

    /// <summary>The lower triangle of the matrix, [inputs × inputs].</summary>
    /// <param name="isCentred">Whether the mean is taken off the inputs: where a bias takes back what it does.</param>
    public double[] Matrix(bool isCentred)
    {
        var means = Means();
        var matrix = new double[products.Length];
        for (var row = 0; row < inputs && count > 0; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                matrix[(row * inputs) + column] = (products[(row * inputs) + column] / count) - (isCentred ? means[row] * means[column] : 0);
            }
        }

        return matrix;
    }
}
