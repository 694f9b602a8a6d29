using System.Buffers;
using System.IO.Compression;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>
/// Packs files with Brotli (RFC 7932), which every framework since .NET Core 2.1 and .NET Standard 2.1 unpacks. The same file becomes the same bytes: its size alone tells how hard the encoder tries, and it gets parts of one size.
/// </summary>
internal static class BrotliFile
{
    /// <summary>What is added to the name of a packed file.</summary>
    public const string Extension = ".br";

    /// <summary>Bytes of a file up to which both of the best qualities are tried.</summary>
    internal const long LargestForBoth = 8 << 20;

    /// <summary>Bytes of a file up to which the better of them for bytes is.</summary>
    internal const long LargestAtBest = 32 << 20;

    // The best for weights that are bytes, in the largest window that every decoder takes: 16 MiB.
    private const int BestForBytes = 10;
    private const int BestForFloats = 11;
    private const int LargestWindow = 24;

    // Fifty times as fast. The qualities between look for repetitions, and what few bytes repeat by chance spoils the coding of single ones: in a window of 1 KiB less does, and 4 beats 9 in the largest one.
    private const int Fast = 4;
    private const int SmallestWindow = 10;
    private const int PartSize = 1 << 20;

    /// <summary>Packs a file in bounded memory; the target appears whole or not at all.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Where the packed one goes.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="Diagnostics.CompressionException">AIM1303: the target cannot be written.</exception>
    public static void Pack(string source, string target, CancellationToken cancellationToken)
    {
        using var content = File.OpenRead(source);
        AtomicFile.Write(target, stream =>
        {
            if (content.Length > LargestAtBest)
            {
                Encode(content, stream, Fast, SmallestWindow, cancellationToken);
                return;
            }

            Encode(content, stream, BestForBytes, LargestWindow, cancellationToken);
            if (content.Length <= LargestForBoth)
            {
                using var other = new MemoryStream();
                Encode(content, other, BestForFloats, LargestWindow, cancellationToken);
                if (other.Length < stream.Length)
                {
                    stream.SetLength(0);
                    other.WriteTo(stream);
                }
            }
        });
    }

    private static void Encode(FileStream content, Stream target, int quality, int window, CancellationToken cancellationToken)
    {
        using var encoder = new BrotliEncoder(quality, window);
        var part = new byte[PartSize];
        var packed = new byte[PartSize];
        content.Position = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rest = part.AsSpan(0, content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
            var isLast = content.Position == content.Length;
            OperationStatus status;
            do
            {
                status = encoder.Compress(rest, packed, out var consumed, out var written, isLast);
                target.Write(packed, 0, written);
                rest = rest[consumed..];
            }
            while (status == OperationStatus.DestinationTooSmall || rest.Length > 0);
        }
        while (content.Position < content.Length);
    }
}
