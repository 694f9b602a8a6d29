using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Weights to signed bytes: symmetric, per channel, rounded to the nearest. They are read and written in parts, so that no weight needs room as a whole.</summary>
internal static class WeightQuantizer
{
    /// <summary>The largest stored magnitude: −128 is left out, so that zero is in the middle.</summary>
    public const int Maximum = 127;

    /// <summary>The scale of a channel of zeros, where nothing else asks for another.</summary>
    public const float ScaleOfZeros = 1;

    /// <summary>The scale that just holds each channel; 0 for a channel of zeros (or of magnitudes too small for a scale).</summary>
    /// <param name="values">The weight.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="highest">The largest stored magnitude.</param>
    public static float[] Scales(SinglesReader values, ChannelAxis axis, int highest = Maximum)
    {
        var scales = new float[axis.Channels];
        var maxima = new float[Math.Min(axis.Channels, SinglesReader.LongestPart)];
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            var part = maxima.AsSpan(0, block.Channels);
            AbsoluteMaximum.PerChannel(values.Read(block.Start, block.Length), block.Outer, block.Channels, block.Inner, part);
            for (var channel = 0; channel < part.Length; channel++)
            {
                scales[block.FirstChannel + channel] = Math.Max(scales[block.FirstChannel + channel], part[channel]);
            }
        }

        foreach (ref var scale in scales.AsSpan())
        {
            scale = Scale(scale, highest);
        }

        return scales;
    }

    /// <summary>The scale that just holds a magnitude; 0 where it would be too small for a scale.</summary>
    /// <param name="largestMagnitude">max |w|.</param>
    /// <param name="highest">The largest stored magnitude.</param>
    public static float Scale(float largestMagnitude, int highest = Maximum)
    {
        var scale = (float)(largestMagnitude / (double)highest);
        return scale < ScaleRange.Smallest ? 0 : scale;
    }

    /// <summary>The scales as they are stored: those of zeros are <see cref="ScaleOfZeros"/>.</summary>
    public static float[] Positive(float[] scales) => Array.ConvertAll(scales, scale => scale == 0 ? ScaleOfZeros : scale);

    /// <summary>Rounds to the given scales.</summary>
    /// <param name="values">The weight.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="scales">One per channel; 0 becomes <see cref="ScaleOfZeros"/>.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    /// <param name="levels">The levels that bytes may have; null for all.</param>
    public static QuantizedWeight Quantize(SinglesReader values, ChannelAxis axis, float[] scales, Func<long, PayloadWriter> newPayload, LevelSets? levels = null)
    {
        var positive = Positive(scales);
        var writer = newPayload(values.Count);
        var longest = (int)Math.Min(values.Count, SinglesReader.LongestPart);
        var bytes = new byte[longest];
        var restored = new float[longest];
        var (signal, noise) = (0.0, 0.0);
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(block.Start, block.Length);
            var quantized = MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan(0, block.Length));
            var blockScales = positive.AsSpan(block.FirstChannel, block.Channels);
            if (levels is null)
            {
                QuantizeLinear.PerChannel(part, quantized, block.Outer, block.Channels, block.Inner, blockScales);
            }
            else
            {
                levels.Round(part, block, blockScales, quantized);
            }

            QuantizedWeight.Restore(quantized, blockScales, block.Inner, restored);
            AddEnergies(part, restored, block.Inner == 1 ? block.Channels : block.Inner, ref signal, ref noise);
            writer.Append(bytes.AsMemory(0, block.Length));
        }

        return new QuantizedWeight(writer.Finish(), positive, signal, noise);
    }

    /// <summary>Adds Σ w² and Σ (w − q · scale)², run by run: a run is a channel, or a row of channels of one element each.</summary>
    private static void AddEnergies(ReadOnlySpan<float> values, ReadOnlySpan<float> restored, int run, ref double signal, ref double noise)
    {
        for (var start = 0; start < values.Length; start += run)
        {
            var (runSignal, runNoise) = ErrorEnergy.Accumulate(values.Slice(start, run), restored.Slice(start, run));
            signal += runSignal;
            noise += runNoise;
        }
    }
}
