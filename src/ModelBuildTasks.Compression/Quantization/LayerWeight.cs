using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A constant weight of a layer.</summary>
/// <param name="Input">Which input of the node reads it.</param>
/// <param name="Tensor">The float tensor.</param>
/// <param name="Axis">Its channels.</param>
/// <param name="ScaleDims">The shape of the scales that broadcasts against the weight.</param>
internal sealed record LayerWeight(int Input, TensorProto Tensor, ChannelAxis Axis, long[] ScaleDims);
