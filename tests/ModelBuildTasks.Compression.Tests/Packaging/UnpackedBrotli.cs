using System.IO.Compression;

namespace ModelBuildTasks.Compression.Tests.Packaging;

/// <summary>What packed bytes hold.</summary>
internal static class UnpackedBrotli
{
    public static byte[] Of(byte[] packed)
    {
        using var stream = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
