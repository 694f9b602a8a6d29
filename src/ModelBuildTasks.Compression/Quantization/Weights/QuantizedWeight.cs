using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using ModelBuildTasks.Compression.Kernels;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight as signed bytes with a scale per channel; zero is stored as 0.</summary>
/// <param name="Values">As many signed bytes as the float weight has elements, in its order, −127 to 127; perhaps in the model's scratch file.</param>
/// <param name="Scales">One per channel, positive and finite.</param>
/// <param name="Signal">Σ w².</param>
/// <param name="Noise">Σ (w − q · scale)².</param>
internal sealed record QuantizedWeight(ByteString Values, float[] Scales, double Signal, double Noise)
{
    /// <summary>All values as floats, from the first to the last.</summary>
    /// <param name="axis">The channels that have the scales.</param>
    public IEnumerable<RestoredPart> Restored(ChannelAxis axis)
    {
        var bytes = new BytesReader(Values);
        var restored = new float[(int)Math.Min(bytes.Length, SinglesReader.LongestPart)];
        foreach (var block in axis.Blocks(SinglesReader.LongestPart))
        {
            Restore(MemoryMarshal.Cast<byte, sbyte>(bytes.Read(block.Start, block.Length).Span), Scales.AsSpan(block.FirstChannel, block.Channels), block.Inner, restored);
            yield return new RestoredPart(block.Start, restored.AsMemory(0, block.Length));
        }
    }

    /// <summary>Whole channels, or rows of channels of one element each, as floats.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="scales">One per channel.</param>
    /// <param name="inner">Elements of a channel that lie side by side.</param>
    /// <param name="restored">Gets as many floats.</param>
    public static void Restore(ReadOnlySpan<sbyte> bytes, ReadOnlySpan<float> scales, int inner, Span<float> restored)
    {
        if (inner == 1)
        {
            TensorPrimitives.ConvertTruncating(bytes, restored);
            for (var start = 0; start < bytes.Length; start += scales.Length)
            {
                var row = restored.Slice(start, scales.Length);
                TensorPrimitives.Multiply(row, scales, row);
            }

            return;
        }

        for (var start = 0; start < bytes.Length; start += inner)
        {
            DequantizeLinear.FromInt8(bytes.Slice(start, inner), restored.Slice(start, inner), scales[start / inner % scales.Length], 0);
        }
    }
}
