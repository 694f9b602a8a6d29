using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Quantization.Weights;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>
/// How one activation is stored: q = saturate(round_half_even(x / scale) + zero point), asymmetric (ONNX operator QuantizeLinear), in unsigned or in signed bytes. The two differ by 128 in every value, so
/// that the same range gives the same scale and the same error.
/// </summary>
/// <remarks>
/// Which of both is faster is the processor's: arm64 multiplies signed bytes with signed ones, x64 unsigned with signed ones. An x64 session of ONNX Runtime 1.31.1 rewrites signed activations to unsigned, but
/// not those with two readers (their DequantizeLinear is duplicated before), and then neither the producer nor the readers fuse: a residual network with signed activations ran as float between Q and DQ. Where
/// signed bytes are allowed (session.qdqisint8allowed, the default of builds for ARM) nothing is rewritten, and both fuse alike.
/// </remarks>
/// <param name="Scale">Positive and finite.</param>
/// <param name="ZeroPoint">The stored value of zero in unsigned bytes, 0 to 255.</param>
internal readonly record struct ActivationParameters(float Scale, int ZeroPoint)
{
    /// <summary>The stored value of zero in signed bytes, −128 to 127.</summary>
    public int SignedZeroPoint => ZeroPoint + sbyte.MinValue;

    /// <summary>
    /// The parameters that just hold a range, widened to hold zero. Computed in double precision. A range without width (all zeros) gets scale 1 and zero point 0.
    /// </summary>
    public static ActivationParameters FromRange(ValueRange range)
    {
        var minimum = Math.Min(range.Minimum, 0.0);
        var maximum = Math.Max(range.Maximum, 0.0);
        var scale = (maximum - minimum) / (byte.MaxValue - byte.MinValue);
        return (float)scale < ScaleRange.Smallest
            ? new ActivationParameters(1, 0)
            : new ActivationParameters((float)scale, (int)Math.Clamp(Math.Round(byte.MinValue - (minimum / scale)), byte.MinValue, byte.MaxValue));
    }

    /// <summary>The parameters of shares between 0 and 1, such as a softmax gives.</summary>
    public static ActivationParameters OfShares { get; } = FromRange(new ValueRange(0, 1));
}
