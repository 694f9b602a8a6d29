using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// What rounded weights do to a layer's output in the mean is known: (Ŵ − W) · E[x] for each output channel, E[x] being the mean of each input channel. It is taken off the bias (Nagel et al. 2019, "Data-Free Quantization
/// Through Weight Equalization and Bias Correction", section 4.2; the mean is measured here, as in its appendix). The mean over positions knows no padding: at borders the correction is too large by the share of padded positions.
/// </summary>
internal static class BiasCorrection
{
    /// <summary>The bias of a layer whose weights were rounded: its bias less the mean error of its output.</summary>
    /// <param name="bias">One per output channel; empty for none.</param>
    /// <param name="weights">The float weights.</param>
    /// <param name="restored">What became of them, as the layer computes with them.</param>
    /// <param name="layout">Which channels they join.</param>
    /// <param name="means">E[x], one per input channel.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the layout.</exception>
    public static float[] Corrected(ReadOnlySpan<float> bias, ReadOnlySpan<float> weights, ReadOnlySpan<float> restored, WeightLayout layout, ReadOnlySpan<float> means)
    {
        if (weights.Length != restored.Length)
        {
            throw new ArgumentException($"{restored.Length} restored weights do not fit {weights.Length}.", nameof(restored));
        }

        var errors = new double[layout.Outputs];
        Add(weights, restored, 0, layout, means, errors);
        return Corrected(bias, errors);
    }

    /// <inheritdoc cref="Corrected(ReadOnlySpan{float}, ReadOnlySpan{float}, ReadOnlySpan{float}, WeightLayout, ReadOnlySpan{float})"/>
    public static float[] Corrected(ReadOnlySpan<float> bias, ReadOnlySpan<double> errors)
    {
        if (!bias.IsEmpty && bias.Length != errors.Length)
        {
            throw new ArgumentException($"A bias of {bias.Length} does not fit {errors.Length} output channels.", nameof(bias));
        }

        var corrected = new float[errors.Length];
        for (var channel = 0; channel < corrected.Length; channel++)
        {
            corrected[channel] = (float)((bias.IsEmpty ? 0 : bias[channel]) - errors[channel]);
        }

        return corrected;
    }

    /// <summary>The mean error of each output channel of a layer whose weight was rounded. Weights are read in parts.</summary>
    /// <param name="values">The float weight, times what the layer multiplies it with.</param>
    /// <param name="restored">What became of it, in parts.</param>
    /// <param name="layout">Which channels of the layer the weights join.</param>
    /// <param name="means">E[x], one per input channel.</param>
    public static double[] MeanErrors(SinglesReader values, IEnumerable<RestoredPart> restored, WeightLayout layout, ReadOnlySpan<float> means)
    {
        var errors = new double[layout.Outputs];
        foreach (var part in restored)
        {
            Add(values.Read(part.Start, part.Values.Length), part.Values.Span, part.Start, layout, means, errors);
        }

        return errors;
    }

    /// <summary>Adds what a part of the weights does. Sums are taken in the order of the weights, so that parts of any lengths give the same within a run of positions.</summary>
    private static void Add(ReadOnlySpan<float> weights, ReadOnlySpan<float> restored, long start, WeightLayout layout, ReadOnlySpan<float> means, Span<double> errors)
    {
        if (means.Length != layout.Inputs)
        {
            throw new ArgumentException($"{means.Length} means do not fit {layout.Inputs} input channels.", nameof(means));
        }

        for (var i = 0; i < weights.Length;)
        {
            var (run, position) = Math.DivRem(start + i, layout.Positions);
            var end = (int)Math.Min(weights.Length, i + layout.Positions - position);
            var change = 0.0;
            for (; i < end; i++)
            {
                change += (double)restored[i] - weights[i];
            }

            var (output, input) = layout.Channels((int)run);
            errors[output] += change * means[input];
        }
    }
}
