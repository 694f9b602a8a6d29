using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight as indices of a codebook.</summary>
/// <param name="Values">[groups × count]: the values of each group of channels. Zero is the first one of each where all have it; so its index is 0.</param>
/// <param name="Count">How many values a group has.</param>
/// <param name="GroupChannels">How many output channels make a group.</param>
/// <param name="Indices">As many indices as the float weight has elements, in its order; perhaps in the model's scratch file.</param>
/// <param name="Packing">How they lie in bytes.</param>
/// <param name="Signal">Σ w².</param>
/// <param name="Noise">Σ of the squared errors.</param>
internal sealed record CodebookWeight(float[] Values, int Count, int GroupChannels, ByteString Indices, IndexPacking Packing, double Signal, double Noise)
{
    /// <summary>How many groups there are.</summary>
    public int Groups => Values.Length / Count;

    /// <summary>All values as floats, from the first to the last.</summary>
    /// <param name="axis">The channels.</param>
    public IEnumerable<RestoredPart> Restored(ChannelAxis axis)
    {
        var bytes = new BytesReader(Indices);
        var longest = SinglesReader.LongestPart;
        var (indices, restored) = (new byte[longest], new float[longest]);
        foreach (var block in axis.Blocks(longest))
        {
            var (first, skipped) = Math.DivRem(block.Start, Packing.PerByte);
            var last = (block.Start + block.Length - 1) / Packing.PerByte;
            Packing.Unpack(bytes.Read(first, (int)(last - first + 1)).Span, (int)skipped, indices.AsSpan(0, block.Length));
            Restore(indices, block, restored);
            yield return new RestoredPart(block.Start, restored.AsMemory(0, block.Length));
        }
    }

    private void Restore(byte[] indices, ChannelBlock block, float[] restored)
    {
        foreach (var (start, length, group) in block.Runs(GroupChannels))
        {
            CodebookQuantizer.Restore(indices.AsSpan(start, length), Values.AsSpan(group * Count, Count), restored.AsSpan(start, length));
        }
    }
}
