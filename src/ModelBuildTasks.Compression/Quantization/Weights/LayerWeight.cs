using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A constant weight of a layer.</summary>
/// <param name="Input">Which input of the node reads it.</param>
/// <param name="Name">The constant's name.</param>
/// <param name="Tensor">The constant: floats of 16, 32 or 64 bits.</param>
/// <param name="Axis">Its channels.</param>
/// <param name="ScaleDims">The shape of the scales that broadcasts against the weight.</param>
/// <param name="IsTransposed">Whether the layer reads it through a Transpose that swaps its two dimensions: a table of embeddings that is the last layer's matrix too.</param>
internal sealed record LayerWeight(int Input, string Name, TensorProto Tensor, ChannelAxis Axis, long[] ScaleDims, bool IsTransposed);
