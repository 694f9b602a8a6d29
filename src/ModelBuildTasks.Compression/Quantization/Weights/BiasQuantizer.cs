namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// Biases as 32-bit integers in the unit of the products: scale = activation scale · weight scale of the channel, zero point 0, so that the runtime adds them to its accumulators.
/// </summary>
internal static class BiasQuantizer
{
    /// <summary>Half the range of the accumulator: the rest is for the sum of products (2³⁰ / (255 · 127) leaves room for 33,000 inputs at their extremes).</summary>
    private const double Largest = 1 << 30;

    /// <summary>The precision of a float: where the weights are zero the scale is free, and a bias keeps its digits.</summary>
    private const double FullPrecision = 1 << 24;

    /// <summary>Raises weight scales where the bias would leave the range of the accumulator, and chooses those of channels of zeros so that the bias stays exact.</summary>
    /// <param name="weightScales">One per channel, 0 for a channel of zeros; changed in place.</param>
    /// <param name="bias">One per channel.</param>
    /// <param name="activationScale">The scale of the layer's input.</param>
    /// <param name="zeroChannels">Which channels hold zeros only.</param>
    public static void RaiseScales(Span<float> weightScales, ReadOnlySpan<float> bias, float activationScale, ReadOnlySpan<bool> zeroChannels)
    {
        for (var channel = 0; channel < bias.Length; channel++)
        {
            var smallest = Math.Abs((double)bias[channel]) / activationScale / (zeroChannels[channel] ? FullPrecision : Largest);
            // The product of both scales is stored too and must be a normal number.
            smallest = bias[channel] == 0 ? 0 : Math.Max(smallest, ScaleRange.Smallest / (double)activationScale);
            var raised = (float)smallest;
            weightScales[channel] = Math.Max(weightScales[channel], raised < smallest ? MathF.BitIncrement(raised) : raised);
        }
    }

    /// <summary>Rounds the bias to its scales.</summary>
    public static (int[] Values, float[] Scales) Quantize(ReadOnlySpan<float> bias, ReadOnlySpan<float> weightScales, float activationScale)
    {
        var values = new int[bias.Length];
        var scales = new float[bias.Length];
        for (var channel = 0; channel < bias.Length; channel++)
        {
            scales[channel] = Math.Max((float)((double)activationScale * weightScales[channel]), ScaleRange.Smallest);
            values[channel] = (int)Math.Round(bias[channel] / (double)scales[channel]);
        }

        return (values, scales);
    }
}
