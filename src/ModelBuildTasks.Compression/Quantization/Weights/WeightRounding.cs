using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Weights to signed bytes, in the one way of all who write or probe them: in bounded pairs where that is needed, else to scales that are searched for or just hold each channel.</summary>
internal static class WeightRounding
{
    /// <summary>The scale of each channel; 0 for a channel of zeros (or of magnitudes too small for a scale).</summary>
    /// <param name="values">The weight; finite.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="bound">The bound of its pairs; null for none. With it the scales are those of <see cref="PairScales"/>.</param>
    /// <param name="searches">Whether scales without a bound are those with the least error (<see cref="ScaleSearch"/>).</param>
    public static float[] Scales(SinglesReader values, ChannelAxis axis, PairBound? bound, bool searches) =>
        bound is { } pairs ? PairBoundQuantizer.Scales(values, axis, pairs)
        : searches ? ScaleSearch.Scales(values, axis, WeightQuantizer.Maximum)
        : WeightQuantizer.Scales(values, axis);

    /// <summary>Rounds to the given scales.</summary>
    /// <param name="values">The weight.</param>
    /// <param name="axis">Its channels.</param>
    /// <param name="bound">The bound of its pairs, which holds at any scale; null for none.</param>
    /// <param name="scales">One per channel; 0 becomes <see cref="WeightQuantizer.ScaleOfZeros"/>.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    /// <param name="levels">The levels that bytes may have; null for all.</param>
    public static QuantizedWeight Round(SinglesReader values, ChannelAxis axis, PairBound? bound, float[] scales, Func<long, PayloadWriter> newPayload, LevelSets? levels = null) =>
        bound is { } pairs ? PairBoundQuantizer.Quantize(values, axis, pairs, scales, newPayload, levels) : WeightQuantizer.Quantize(values, axis, scales, newPayload, levels);

    /// <summary>Rounds a layer's weight to its own scales.</summary>
    /// <param name="weight">The weight; finite.</param>
    /// <param name="bound">The bound of its pairs; null for none.</param>
    /// <param name="searches">Whether scales without a bound are those with the least error.</param>
    /// <param name="newPayload">Takes as many bytes as it is told.</param>
    public static QuantizedWeight Round(LayerWeight weight, PairBound? bound, bool searches, Func<long, PayloadWriter> newPayload)
    {
        var values = new SinglesReader(weight.Tensor);
        return Round(values, weight.Axis, bound, Scales(values, weight.Axis, bound, searches), newPayload);
    }
}
