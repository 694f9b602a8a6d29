using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>What storing an activation in 8 bits costs, told from its histogram.</summary>
internal sealed class QuantizationError
{
    private const int Steps = byte.MaxValue;

    private readonly double width;
    private readonly double[] edges;
    private readonly double[] weights;

    /// <param name="histogram">The values as they are now.</param>
    public QuantizationError(StreamedHistogram histogram)
    {
        width = histogram.Width;
        var first = 0;
        while (first < StreamedHistogram.Bins - 1 && histogram.NonZeros(first) == 0)
        {
            first++;
        }

        var end = StreamedHistogram.Bins;
        while (end > first + 1 && histogram.NonZeros(end - 1) == 0)
        {
            end--;
        }

        // Σ nᵢ (F(i + 1) − F(i)), sorted by the F: each edge ends one bin and begins the next.
        edges = new double[end - first + 1];
        weights = new double[edges.Length];
        for (var i = 0; i < edges.Length; i++)
        {
            edges[i] = histogram.Origin + first + i;
            weights[i] = (i > 0 ? histogram.NonZeros(first + i - 1) : 0L) - (first + i < end ? histogram.NonZeros(first + i) : 0L);
        }
    }

    /// <summary>
    /// The expected sum of squared errors of all counted values, stored unsigned and asymmetric in 8 bits over a range: rounding inside it and clipping outside. Values are taken as evenly spread in
    /// their bin, and those that are exactly zero as stored exactly.
    /// </summary>
    /// <param name="minimum">The range's lower end; at most 0.</param>
    /// <param name="maximum">The range's upper end; at least 0 and above the lower end.</param>
    public double SumOfSquares(double minimum, double maximum)
    {
        var scale = (maximum - minimum) / Steps;
        var lowest = Math.Round(minimum / scale);
        var bin = width / scale;

        // In steps so far; the integral over a bin divided by its width is the mean over it.
        return LevelErrors.WeightedIntegrals(edges, weights, bin, lowest, lowest + Steps) / bin * scale * scale;
    }
}
