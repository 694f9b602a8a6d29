using Google.Protobuf;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight as signed bytes with a scale per channel; zero is stored as 0.</summary>
/// <param name="Values">As many signed bytes as the float weight has elements, in its order, −127 to 127; perhaps in the model's scratch file.</param>
/// <param name="Scales">One per channel, positive and finite.</param>
/// <param name="Signal">Σ w².</param>
/// <param name="Noise">Σ (w − q · scale)².</param>
internal sealed record QuantizedWeight(ByteString Values, float[] Scales, double Signal, double Noise);
