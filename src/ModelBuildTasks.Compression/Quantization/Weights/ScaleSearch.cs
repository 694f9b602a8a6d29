using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// The symmetric scale with the least squared error: a smaller one than that which just holds the largest weight rounds all others more finely and clips that one. Tried are 16 scales from the full range to about
/// half of it; taken is the largest of those that do best.
/// </summary>
internal static class ScaleSearch
{
    /// <summary>How many scales are tried, that of the full range among them.</summary>
    public const int Count = 16;

    /// <summary>The scale of one channel or block; 0 for zeros (or magnitudes too small for a scale).</summary>
    /// <param name="values">Its weights; finite.</param>
    /// <param name="highest">The largest stored magnitude: 127 of a byte, 7 of four bits.</param>
    public static float Of(ReadOnlySpan<float> values, int highest)
    {
        var fullRange = WeightQuantizer.Scale(AbsoluteMaximum.Of(values), highest);
        if (fullRange == 0)
        {
            return 0;
        }

        Span<double> errors = stackalloc double[Count];
        for (var index = 0; index < Count; index++)
        {
            errors[index] = RoundingErrors.Of(values, Candidate(fullRange, index), highest);
        }

        return Best(fullRange, errors);
    }

    /// <summary>The scale of each channel of a weight, read in parts; 0 for a channel of zeros (or of magnitudes too small for a scale).</summary>
    /// <param name="values">The weight; finite.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="highest">The largest stored magnitude.</param>
    public static float[] Scales(SinglesReader values, ChannelAxis axis, int highest)
    {
        var scales = WeightQuantizer.Scales(values, axis, highest);
        // All candidates of all channels at a time, as a channel may come in many parts.
        var errors = new double[checked(Count * scales.Length)];
        var candidates = Enumerable.Range(0, Count).Select(index => Array.ConvertAll(scales, scale => Candidate(scale == 0 ? WeightQuantizer.ScaleOfZeros : scale, index))).ToArray();
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            var part = values.Read(block.Start, block.Length);
            for (var run = block.Inner == 1 ? block.Channels : block.Inner; !part.IsEmpty; part = part[run..])
            {
                var channel = block.FirstChannel + (block.Inner == 1 ? 0 : (block.Length - part.Length) / run % block.Channels);
                for (var index = 0; index < Count; index++)
                {
                    Add(part[..run], candidates[index], channel, block.Inner == 1, highest, errors.AsSpan(index * scales.Length, scales.Length));
                }
            }
        }

        Span<double> ofChannel = stackalloc double[Count];
        for (var channel = 0; channel < scales.Length; channel++)
        {
            for (var index = 0; index < Count; index++)
            {
                ofChannel[index] = errors[(index * scales.Length) + channel];
            }

            scales[channel] = scales[channel] == 0 ? 0 : Best(scales[channel], ofChannel);
        }

        return scales;
    }

    private static void Add(ReadOnlySpan<float> run, float[] scales, int channel, bool isRow, int highest, Span<double> errors)
    {
        if (isRow)
        {
            RoundingErrors.AddPerChannel(run, scales.AsSpan(channel, run.Length), highest, errors.Slice(channel, run.Length));
        }
        else
        {
            errors[channel] += RoundingErrors.Of(run, scales[channel], highest);
        }
    }

    private static float Candidate(float fullRange, int index) => Math.Max((float)(fullRange * (1 - (index / (2.0 * Count)))), ScaleRange.Smallest);

    private static float Best(float fullRange, ReadOnlySpan<double> errors)
    {
        var best = 0;
        for (var index = 1; index < Count; index++)
        {
            best = errors[index] < errors[best] ? index : best;
        }

        return Candidate(fullRange, best);
    }
}
