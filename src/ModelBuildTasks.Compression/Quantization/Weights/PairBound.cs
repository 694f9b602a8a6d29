using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>What two quantized weights of a pair may be together, so that their products with two activations never leave 16 bits.</summary>
/// <param name="Order">Which weights make pairs.</param>
/// <param name="Limit">The largest |q0 + q1|, 128 to 253; of opposite signs no two weights exceed it.</param>
internal readonly record struct PairBound(PairOrder Order, int Limit)
{
    /// <summary>The limit that rules out nothing: two weights of 127.</summary>
    public const int NoLimit = 2 * WeightQuantizer.Maximum;

    /// <summary>The limit for unsigned activations up to the largest one: 32767 / 255 is 128.</summary>
    public static int LimitFor(int largestActivation) => Math.Min(short.MaxValue / Math.Max(1, largestActivation), NoLimit);

    /// <summary>The bound of a weight whose layer may read any unsigned byte; null where its weights make no pairs.</summary>
    public static PairBound? ForAnyInput(NodeProto node, LayerWeight weight) => PairOrder.Of(node, weight) is { } order ? new(order, LimitFor(byte.MaxValue)) : null;
}
