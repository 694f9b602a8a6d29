using Google.Protobuf;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>A weight as levels of four bits: w ≈ (level − zero point) · scale of its block.</summary>
/// <param name="Layout">Which weights make blocks.</param>
/// <param name="Values">[rows, blocks, size / 2], two levels to a byte, the first one low; perhaps in the model's scratch file. Zeros fill the last block of a row.</param>
/// <param name="Scales">[rows, blocks], of either sign, not zero.</param>
/// <param name="ScalesAreHalf">Whether every scale is a number of 16 bits.</param>
/// <param name="ZeroPoints">[rows, ⌈blocks / 2⌉], two to a byte, the first one low; null where all are 8.</param>
/// <param name="Signal">Σ w².</param>
/// <param name="Noise">Σ of the squared errors.</param>
internal sealed record BlockQuantizedWeight(BlockLayout Layout, ByteString Values, float[] Scales, bool ScalesAreHalf, byte[]? ZeroPoints, double Signal, double Noise)
{
    /// <summary>Bytes of levels, scales and zero points.</summary>
    public long Bytes => (long)Layout.Blocks * Layout.Size / 2 + (Scales.LongLength * (ScalesAreHalf ? 2 : 4)) + (ZeroPoints?.LongLength ?? 0);
}
