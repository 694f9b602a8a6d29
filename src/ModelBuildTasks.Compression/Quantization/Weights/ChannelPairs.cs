using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Quantizes under a pair bound a weight whose channels lie one behind the other, each in one piece: convolutions, transposed matrices, recurrent layers. Memory is that of one channel.</summary>
internal sealed class ChannelPairs(SinglesReader values, ChannelAxis axis, PairBound bound)
{
    private readonly int[] places = [.. Enumerable.Range(0, axis.Inner).Select(bound.Order.Place)];
    private readonly float[] first = new float[(axis.Inner + 1) / 2];
    // The last one stays zero where the depth is odd.
    private readonly float[] second = new float[(axis.Inner + 1) / 2];

    /// <summary>The scale of each channel that gives the smallest error; 0 for a channel of zeros.</summary>
    public float[] Scales()
    {
        var scales = new float[axis.Channels];
        var sums = new float[first.Length];
        foreach (var channel in Channels())
        {
            TensorPrimitives.Add(first, second, sums);
            var candidates = PairScales.Of(Math.Max(AbsoluteMaximum.Of(first), AbsoluteMaximum.Of(second)), AbsoluteMaximum.Of(sums), bound.Limit);
            scales[channel] = candidates.IsSettled ? candidates.PairSafe : Best(candidates);
        }

        return scales;
    }

    /// <summary>Rounds to the given scales, all of them positive; to some levels only where these are given.</summary>
    public QuantizedWeight Quantize(float[] scales, PayloadWriter writer, LevelSets? levels = null)
    {
        var bytes = new byte[axis.Inner];
        var quantized = MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan());
        var (quantizedFirst, quantizedSecond) = (new sbyte[first.Length], new sbyte[first.Length]);
        var restored = new float[first.Length];
        var (signal, noise) = (0.0, 0.0);
        foreach (var channel in Channels())
        {
            if (levels is null)
            {
                PairedQuantizeLinear.ToInt8(first, second, quantizedFirst, quantizedSecond, scales[channel], bound.Limit);
            }
            else
            {
                levels.RoundPairs(first, second, _ => channel, scales, bound.Limit, quantizedFirst, quantizedSecond);
            }

            AddEnergies(first, quantizedFirst, scales[channel]);
            AddEnergies(second, quantizedSecond, scales[channel]);
            for (var element = 0; element < bytes.Length; element++)
            {
                var place = places[element];
                bytes[element] = (byte)(place % 2 == 0 ? quantizedFirst : quantizedSecond)[place / 2];
            }

            writer.Append(bytes);
        }

        return new QuantizedWeight(writer.Finish(), scales, signal, noise);

        void AddEnergies(float[] original, sbyte[] approximation, float scale)
        {
            DequantizeLinear.FromInt8(approximation, restored, scale, 0);
            var (channelSignal, channelNoise) = ErrorEnergy.Accumulate(original, restored);
            signal += channelSignal;
            noise += channelNoise;
        }
    }

    private float Best(PairScales candidates)
    {
        var (best, least) = (candidates.PairSafe, Error(candidates.PairSafe));
        for (var index = PairScales.Count - 2; index >= 0; index--)
        {
            var error = Error(candidates[index]);
            if (error < least)
            {
                (best, least) = (candidates[index], error);
            }
        }

        return best;

        double Error(float scale) => PairScales.OutputError(PairedErrors.Of(first, second, scale, bound.Limit));
    }

    /// <summary>Each channel in turn, its weights in the order of the sum in the two arrays of pairs.</summary>
    private IEnumerable<int> Channels()
    {
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            for (var channel = 0; channel < block.Channels; channel++)
            {
                // A channel that is longer than a part comes in several.
                var start = (int)(block.Start % axis.Inner);
                Take(values.Read(block.Start + ((long)channel * block.Inner), block.Inner), start);
                if (start + block.Inner == axis.Inner)
                {
                    yield return block.FirstChannel + channel;
                }
            }
        }
    }

    private void Take(ReadOnlySpan<float> part, int start)
    {
        for (var i = 0; i < part.Length; i++)
        {
            var place = places[start + i];
            (place % 2 == 0 ? first : second)[place / 2] = part[i];
        }
    }
}
