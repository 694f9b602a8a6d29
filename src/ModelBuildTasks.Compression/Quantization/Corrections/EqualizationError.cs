using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization.Corrections;

/// <summary>
/// What rounding does to the output of the second of two layers, in expectation and without data: inputs of the first layer are taken for independent, of mean zero and one variance. Rounding adds an error of the variance
/// step² / 12, to the value between (one step for all channels, of their largest range) and to the second layer's weights (one step for each output channel). The first layer's weights have one step for each channel, which
/// scaling leaves as it is.
/// </summary>
internal static class EqualizationError
{
    /// <summary>The range of a value, in deviations.</summary>
    private const double Deviations = 3;

    private const double ActivationLevels = 255;

    /// <summary>The sum of the error's variance over the output channels; it has a meaning only against that of other exponents.</summary>
    /// <param name="first">The layer in front.</param>
    /// <param name="second">The layer behind.</param>
    /// <param name="isRectified">Whether the values between have one sign.</param>
    /// <param name="exponents">The power of two that each channel between would be multiplied with.</param>
    public static double Of(ScaledLayer first, ScaledLayer second, bool isRectified, int[] exponents)
    {
        var (energies, biases) = (first.OutputEnergies(), first.BiasMagnitudes());
        var (range, squares) = (0.0, new double[energies.Length]);
        for (var channel = 0; channel < energies.Length; channel++)
        {
            range = Math.Max(range, Math.ScaleB(biases[channel] + (Deviations * Math.Sqrt(energies[channel])), exponents[channel]));
            squares[channel] = Math.ScaleB(energies[channel] + ((double)biases[channel] * biases[channel]), 2 * exponents[channel]) / (isRectified ? 2 : 1);
        }

        var activationStep = range * (isRectified ? 1 : 2) / ActivationLevels;
        var weightMaxima = new double[second.Layout.Outputs];
        var activationError = activationStep * activationStep * second.Sum((output, input, weight) =>
        {
            var scaled = Math.ScaleB(weight, -exponents[input]);
            weightMaxima[output] = Math.Max(weightMaxima[output], Math.Abs(scaled));
            return scaled * scaled;
        });
        return activationError + second.Sum((output, input, _) => squares[input] * weightMaxima[output] * weightMaxima[output]) / (WeightQuantizer.Maximum * (double)WeightQuantizer.Maximum);
    }
}
