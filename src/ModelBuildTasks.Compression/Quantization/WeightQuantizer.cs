using ModelBuildTasks.Compression.Kernels;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Weights to signed bytes: symmetric, per channel, rounded to the nearest.</summary>
internal static class WeightQuantizer
{
    /// <summary>The largest stored magnitude: −128 is left out, so that zero is in the middle.</summary>
    public const int Maximum = 127;

    /// <summary>The scale of a channel of zeros, where nothing else asks for another.</summary>
    public const float ScaleOfZeros = 1;

    /// <summary>The scale that just holds each channel; 0 for a channel of zeros (or of magnitudes too small for a scale).</summary>
    public static float[] Scales(ReadOnlySpan<float> values, ChannelAxis axis)
    {
        var scales = new float[axis.Channels];
        AbsoluteMaximum.PerChannel(values, axis.Outer, axis.Channels, axis.Inner, scales);
        foreach (ref var scale in scales.AsSpan())
        {
            scale = (float)(scale / (double)Maximum);
            scale = scale < ActivationParameters.SmallestNormal ? 0 : scale;
        }

        return scales;
    }

    /// <summary>Rounds to the given scales.</summary>
    /// <param name="values">The weight.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="scales">One per channel; 0 becomes <see cref="ScaleOfZeros"/>.</param>
    public static QuantizedWeight Quantize(ReadOnlySpan<float> values, ChannelAxis axis, float[] scales)
    {
        var positive = Array.ConvertAll(scales, scale => scale == 0 ? ScaleOfZeros : scale);
        var quantized = new sbyte[values.Length];
        QuantizeLinear.PerChannel(values, quantized, axis.Outer, axis.Channels, axis.Inner, positive);
        var (signal, noise) = Energies(values, quantized, axis, positive);
        return new QuantizedWeight(quantized, positive, signal, noise);
    }

    private static (double Signal, double Noise) Energies(ReadOnlySpan<float> values, ReadOnlySpan<sbyte> quantized, ChannelAxis axis, float[] scales)
    {
        var (signal, noise) = (0.0, 0.0);
        var restored = new float[Math.Max(axis.Inner, axis.Inner == 1 ? axis.Channels : 0)];
        for (var start = 0; start < values.Length; start += restored.Length)
        {
            var run = start / axis.Inner % axis.Channels;
            for (var i = 0; i < restored.Length; i++)
            {
                restored[i] = quantized[start + i] * scales[axis.Inner == 1 ? i : run];
            }

            var (runSignal, runNoise) = ErrorEnergy.Accumulate(values.Slice(start, restored.Length), restored);
            signal += runSignal;
            noise += runNoise;
        }

        return (signal, noise);
    }
}
