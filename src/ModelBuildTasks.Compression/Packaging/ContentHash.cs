using System.Security.Cryptography;
using System.Text;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>SHA-256 of contents, as lower-case hexadecimal: what the keys of the cache are made of.</summary>
internal static class ContentHash
{
    /// <summary>Hashes a file in bounded memory.</summary>
    /// <exception cref="CompressionException">With <paramref name="codeWhenUnreadable"/>: the file cannot be read.</exception>
    public static string OfFile(string path, string codeWhenUnreadable)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 17, FileOptions.SequentialScan);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompressionException(codeWhenUnreadable, path, $"'{path}' cannot be read ({exception.Message}). Check the path in the AiModel item and the file's permissions.", exception);
        }
    }

    /// <summary>Hashes a sequence of texts; each is ended, so that no two sequences run together.</summary>
    public static string OfTexts(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
