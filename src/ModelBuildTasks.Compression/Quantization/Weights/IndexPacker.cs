using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.Weights;

/// <summary>Packs indices that come in parts of any length.</summary>
/// <param name="packing">How many a byte has.</param>
/// <param name="writer">Gets the bytes.</param>
internal sealed class IndexPacker(IndexPacking packing, PayloadWriter writer)
{
    private int pending;
    private int filled;

    /// <summary>Adds indices.</summary>
    public void Append(ReadOnlySpan<byte> indices)
    {
        var bytes = new byte[(indices.Length / packing.PerByte) + 1];
        var count = 0;
        foreach (var index in indices)
        {
            pending |= index << filled;
            filled += packing.Bits;
            if (filled == 8)
            {
                bytes[count++] = (byte)pending;
                (pending, filled) = (0, 0);
            }
        }

        writer.Append(bytes.AsMemory(0, count));
    }

    /// <summary>The bytes; the indices fill all of them.</summary>
    public ByteString Finish() => writer.Finish();
}
