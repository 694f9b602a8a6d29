using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Calibration;

/// <summary>value = (pixel / 255 − mean) / standard deviation, per channel.</summary>
internal sealed class ImageNormalization
{
    private readonly float[] means;
    private readonly float[] deviations;

    /// <exception cref="CompressionException">AIM1202: not one value for each channel (or one for all), or a deviation that is not positive.</exception>
    public ImageNormalization(ImageOptions options, int channels)
    {
        means = PerChannel(options.Mean, 0, channels, "Mean");
        deviations = PerChannel(options.StandardDeviation, 1, channels, "Std");
        if (deviations.FirstOrDefault(deviation => deviation <= 0, 1) is var wrong and <= 0)
        {
            throw new CompressionException(DiagnosticCodes.MetadataValueOutOfRange, null, $"Std has the value {wrong:R}, which must be greater than 0. Correct it.");
        }
    }

    /// <param name="pixel">Between 0 and 255.</param>
    /// <param name="channel">Which mean and deviation.</param>
    public float Apply(float pixel, int channel) => ((pixel / 255) - means[channel]) / deviations[channel];

    private static float[] PerChannel(IReadOnlyList<float>? values, float initial, int channels, string name)
    {
        if (values is not null && values.Count != 1 && values.Count != channels)
        {
            throw new CompressionException(DiagnosticCodes.MetadataValueOutOfRange, null, $"{name} has {values.Count} values, but the model's images have {channels} channels. Give one value, or one for each channel.");
        }

        if (values is not null && values.Any(value => !float.IsFinite(value)))
        {
            throw new CompressionException(DiagnosticCodes.MetadataValueOutOfRange, null, $"{name} has a value that is no finite number. Correct it.");
        }

        return [.. Enumerable.Range(0, channels).Select(channel => values is null ? initial : values[values.Count == 1 ? 0 : channel])];
    }
}
