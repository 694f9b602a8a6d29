using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>
/// Weights to signed bytes of which no pair, as the kernel of a processor without wide integer products forms them, can leave 16 bits. Per channel the scale is taken, among those of
/// <see cref="PairScales"/>, whose errors change the output least; the larger of two that do alike. The smallest scale at which every pair fits is always one of them, so that the error is never larger than with it.
/// </summary>
internal static class PairBoundQuantizer
{
    /// <summary>The scale of each channel; 0 for a channel of zeros (or of magnitudes too small for a scale).</summary>
    public static float[] Scales(SinglesReader values, ChannelAxis axis, PairBound bound) =>
        AreColumns(axis) ? new RowPairs(values, axis, bound).Scales() : new ChannelPairs(values, axis, bound).Scales();

    /// <summary>Rounds to the given scales, larger ones than <see cref="Scales"/> gave or not: the bound holds at any scale.</summary>
    /// <param name="values">The weight.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="bound">The bound.</param>
    /// <param name="scales">One per channel; 0 becomes <see cref="WeightQuantizer.ScaleOfZeros"/>.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    /// <param name="levels">The levels that bytes may have; null for all.</param>
    public static QuantizedWeight Quantize(SinglesReader values, ChannelAxis axis, PairBound bound, float[] scales, Func<long, PayloadWriter> newPayload, LevelSets? levels = null)
    {
        var positive = WeightQuantizer.Positive(scales);
        return AreColumns(axis) ? new RowPairs(values, axis, bound).Quantize(positive, newPayload(values.Count), levels) : new ChannelPairs(values, axis, bound).Quantize(positive, newPayload(values.Count), levels);
    }

    private static bool AreColumns(ChannelAxis axis) => axis.Outer == 1 ? false
        : axis.Inner == 1 ? true
        : throw new ArgumentException($"A weight [{axis.Outer}, {axis.Channels}, {axis.Inner}] is neither of channels in one piece nor of columns.", nameof(axis));
}
