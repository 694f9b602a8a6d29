using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Quantizes under a pair bound a weight whose channels are the columns of a matrix, or of one for each batch: two rows make the pairs of all channels. Memory is that of some rows.</summary>
internal sealed class RowPairs(SinglesReader values, ChannelAxis axis, PairBound bound)
{
    private readonly float[] first = new float[axis.Channels];
    private readonly float[] second = new float[axis.Channels];

    /// <summary>The scale of each channel that gives the smallest error; 0 for a channel of zeros.</summary>
    public float[] Scales()
    {
        var candidates = Candidates();
        var scales = Array.ConvertAll(candidates, each => each.PairSafe);
        if (Array.TrueForAll(candidates, each => each.IsSettled))
        {
            return scales;
        }

        // A channel of zeros may have any scale.
        var tried = Enumerable.Range(0, PairScales.Count).Select(index => Array.ConvertAll(candidates, each => each.PairSafe == 0 ? WeightQuantizer.ScaleOfZeros : each[index])).ToArray();
        var errors = Array.ConvertAll(tried, _ => (Squares: new double[axis.Channels], Sums: new double[axis.Channels]));
        foreach (var _ in Pairs())
        {
            for (var index = 0; index < tried.Length; index++)
            {
                PairedErrors.AddPerChannel(first, second, tried[index], bound.Limit, errors[index].Squares, errors[index].Sums);
            }
        }

        for (var channel = 0; channel < scales.Length; channel++)
        {
            var least = double.PositiveInfinity;
            for (var index = candidates[channel].IsSettled ? -1 : tried.Length - 1; index >= 0; index--)
            {
                var error = PairScales.OutputError((errors[index].Squares[channel], errors[index].Sums[channel]));
                if (error < least)
                {
                    (scales[channel], least) = (tried[index][channel], error);
                }
            }
        }

        return scales;
    }

    /// <summary>Rounds to the given scales, all of them positive; to some levels only where these are given.</summary>
    public QuantizedWeight Quantize(float[] scales, PayloadWriter writer, LevelSets? levels = null)
    {
        var (firstBytes, secondBytes) = (new byte[axis.Channels], new byte[axis.Channels]);
        var restored = new float[axis.Channels];
        var (signal, noise) = (0.0, 0.0);
        foreach (var isPair in Pairs())
        {
            if (levels is null)
            {
                PairedQuantizeLinear.PerChannel(first, second, Signed(firstBytes), Signed(secondBytes), scales, bound.Limit);
            }
            else
            {
                levels.RoundPairs(first, second, channel => channel, scales, isPair ? bound.Limit : PairBound.NoLimit, Signed(firstBytes), Signed(secondBytes));
            }

            Write(first, firstBytes);
            if (isPair)
            {
                Write(second, secondBytes);
            }
        }

        return new QuantizedWeight(writer.Finish(), scales, signal, noise);

        void Write(float[] original, byte[] bytes)
        {
            TensorPrimitives.ConvertTruncating<sbyte, float>(Signed(bytes), restored);
            TensorPrimitives.Multiply(restored, scales, restored);
            var (rowSignal, rowNoise) = ErrorEnergy.Accumulate(original, restored);
            signal += rowSignal;
            noise += rowNoise;
            writer.Append(bytes);
        }
    }

    private static Span<sbyte> Signed(byte[] bytes) => MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan());

    private PairScales[] Candidates()
    {
        var (magnitudes, largestSums) = (new float[axis.Channels], new float[axis.Channels]);
        var (sums, maxima) = (new float[axis.Channels], new float[axis.Channels]);
        foreach (var _ in Pairs())
        {
            TensorPrimitives.Add(first, second, sums);
            Include(first, magnitudes);
            Include(second, magnitudes);
            Include(sums, largestSums);
        }

        return [.. magnitudes.Select((magnitude, channel) => PairScales.Of(magnitude, largestSums[channel], bound.Limit))];

        void Include(float[] row, float[] largest)
        {
            AbsoluteMaximum.PerChannel(row, 1, axis.Channels, 1, maxima);
            TensorPrimitives.Max(largest, maxima, largest);
        }
    }

    /// <summary>Each two rows that make pairs in turn, in the two arrays of them; false where the first is alone and the second zero.</summary>
    private IEnumerable<bool> Pairs()
    {
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            for (var row = 0; row < block.Outer; row++)
            {
                // A row that is longer than a part comes in several.
                var place = (int)(((block.Start / axis.Channels) + row) % bound.Order.Depth);
                values.Read(block.Start + ((long)row * block.Channels), block.Channels).CopyTo((place % 2 == 0 ? first : second).AsSpan(block.FirstChannel));
                if (block.FirstChannel + block.Channels < axis.Channels)
                {
                    continue;
                }

                if (place % 2 == 1)
                {
                    yield return true;
                }
                else if (place == bound.Order.Depth - 1)
                {
                    Array.Clear(second);
                    yield return false;
                }
            }
        }
    }
}
