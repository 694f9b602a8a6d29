using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>A greatest size: bytes, or a share of the original. Units are decimal, as in the summary line: 1 KB is 1000 bytes, 1 MB is 1,000,000.</summary>
internal sealed record SizeLimit
{
    private static readonly (string Suffix, decimal Bytes)[] Units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("BYTES", 1), ("B", 1), ("", 1)];

    // Far beyond any model, and small enough that no product of two overflows.
    private const decimal GreatestNumber = 500_000_000_000;

    private readonly decimal amount;
    private readonly bool isShare;

    private SizeLimit(decimal amount, bool isShare)
    {
        this.amount = amount;
        this.isShare = isShare;
    }

    /// <summary>Reads "1000", "214KB", "1.5 MB" or "30%".</summary>
    /// <exception cref="CompressionException">AIM1201: the text is none of these.</exception>
    public static SizeLimit Parse(string text) => TryParse(text, out var limit)
        ? limit
        : throw new CompressionException(DiagnosticCodes.MetadataValueUnknown, null, $"MaxSize=\"{text}\" is not a size. Write bytes (1000), a unit (214KB, 1.5MB) or a percentage of the original (30%).");

    /// <summary>Reads "1000", "214KB", "1.5 MB" or "30%".</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SizeLimit? limit)
    {
        limit = null;
        var trimmed = text.Trim();
        var isShare = trimmed.EndsWith('%');
        var (suffix, factor) = isShare ? ("%", 0.01m) : Units.First(unit => trimmed.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        var isNumber = decimal.TryParse(trimmed[..^suffix.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || number <= 0 || number > GreatestNumber)
        {
            return false;
        }

        limit = new SizeLimit(number * factor, isShare);
        return true;
    }

    /// <summary>The limit in whole bytes for an original of this size, rounded down.</summary>
    public long Bytes(long originalBytes) => (long)decimal.Min(isShare ? amount * originalBytes : amount, long.MaxValue);
}
