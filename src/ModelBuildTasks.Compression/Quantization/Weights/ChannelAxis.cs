using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

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

    /// <summary>The weight in parts of at most so many elements, in order: whole rounds over the channels where they fit, else some channels of one round, else a part of one channel.</summary>
    public IEnumerable<ChannelBlock> Blocks(int longest)
    {
        var round = (long)Channels * Inner;
        if (round == 0)
        {
            yield break;
        }

        if (round <= longest)
        {
            var most = (int)(longest / round);
            for (var outer = 0; outer < Outer; outer += Math.Min(most, Outer - outer))
            {
                yield return new(outer * round, Math.Min(most, Outer - outer), 0, Channels, Inner);
            }

            yield break;
        }

        var channels = Math.Max(1, longest / Inner);
        var inner = Math.Min(Inner, longest);
        for (var outer = 0; outer < Outer; outer++)
        {
            for (var channel = 0; channel < Channels; channel += Math.Min(channels, Channels - channel))
            {
                for (var first = 0; first < Inner; first += Math.Min(inner, Inner - first))
                {
                    yield return new((outer * round) + ((long)channel * Inner) + first, 1, channel, Math.Min(channels, Channels - channel), Math.Min(inner, Inner - first));
                }
            }
        }
    }
}
