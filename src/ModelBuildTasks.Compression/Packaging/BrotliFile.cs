using System.Buffers;
using System.IO.Compression;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>
/// Packs files with Brotli (RFC 7932), which every framework since .NET Core 2.1 unpacks. The same file becomes the same bytes: its size alone tells the quality, and the encoder gets parts of one size.
/// </summary>
internal static class BrotliFile
{
    /// <summary>What is added to the name of a packed file.</summary>
    public const string Extension = ".br";

    /// <summary>Bytes of a file up to which the encoder tries its best.</summary>
    internal const long LargestAtBest = 32 << 20;

    // The best of all, in the largest window that every decoder takes: 16 MiB.
    private const int BestQuality = 11;
    private const int LargestWindow = 24;

    // Fifty times as fast. Weights repeat nothing on purpose, and the qualities between spoil the coding of single bytes by matches of a few: in a window of 1 KiB there are fewer, and 4 beats 9 in the largest one.
    private const int FastQuality = 4;
    private const int SmallestWindow = 10;
    private const int PartSize = 1 << 20;

    /// <summary>Packs a file in bounded memory; the target appears whole or not at all.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Where the packed one goes.</param>
    /// <param name="progress">Is told the fraction that is done.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="Diagnostics.CompressionException">AIM1303: the target cannot be written.</exception>
    public static void Pack(string source, string target, IProgress<double> progress, CancellationToken cancellationToken)
    {
        using var content = File.OpenRead(source);
        AtomicFile.Write(target, stream =>
        {
            using var encoder = content.Length <= LargestAtBest ? new BrotliEncoder(BestQuality, LargestWindow) : new BrotliEncoder(FastQuality, SmallestWindow);
            var part = new byte[PartSize];
            var packed = new byte[PartSize];
            OperationStatus status;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rest = part.AsSpan(0, content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
                var isLast = content.Position == content.Length;
                do
                {
                    status = encoder.Compress(rest, packed, out var consumed, out var written, isLast);
                    stream.Write(packed, 0, written);
                    rest = rest[consumed..];
                }
                while (status == OperationStatus.DestinationTooSmall || rest.Length > 0);
                progress.Report((double)content.Position / Math.Max(content.Length, 1));
            }
            while (content.Position < content.Length);
        });
    }
}
