using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>A weight seen as [outer, channels, inner]: every channel has a scale of its own.</summary>
/// <param name="Outer">The product of the dimensions before the channels.</param>
/// <param name="Channels">How many scales there are.</param>
/// <param name="Inner">The product of the dimensions after the channels.</param>
/// <param name="Axis">The first dimension of the channels.</param>
internal readonly record struct ChannelAxis(int Outer, int Channels, int Inner, int Axis)
{
    /// <param name="tensor">The weight.</param>
    /// <param name="axis">The first dimension of the channels.</param>
    /// <param name="axes">How many dimensions make a channel: 2 for the direction and the row of a recurrent layer.</param>
    public static ChannelAxis Of(TensorProto tensor, int axis, int axes = 1)
    {
        int Product(IEnumerable<long> dims) => checked((int)dims.Aggregate(1L, (product, dimension) => product * dimension));
        return new(Product(tensor.Dims.Take(axis)), Product(tensor.Dims.Skip(axis).Take(axes)), Product(tensor.Dims.Skip(axis + axes)), axis);
    }
}
