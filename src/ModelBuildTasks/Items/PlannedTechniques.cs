using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Items;

/// <summary>
/// Metadata of the contract whose techniques this version has not: a wrong value is told as such first, a right one is AIM1203, and none is silently ignored.
/// </summary>
internal static class PlannedTechniques
{
    /// <summary>Checks all of them.</summary>
    public static void Check(MetadataReader metadata)
    {
        CheckPrune(metadata);
        metadata.Choice("PruneMethod", ["auto"], "magnitude", "obs", "obd", "structured", "layers", "variational");
        CheckCount(metadata, "Share", 2, 65536, "the number of shared values per tensor from 2 to 65536, such as 16");
        metadata.Choice("Recover", ["none"], "finetune", "distill", "qat");
        CheckUnset(metadata, "Teacher");
        CheckUnset(metadata, "TrainingData");
        CheckCount(metadata, "Epochs", 1, 100_000, "a count from 1 to 100000");
        CheckUnset(metadata, "Baseline");
        metadata.Choice("ResourceCompression", ["auto", "none"], "brotli");
    }

    private static void CheckPrune(MetadataReader metadata)
    {
        const string Name = "Prune";
        var text = metadata.Text(Name);
        if (text.Length == 0 || IsNone(text))
        {
            return;
        }

        var parts = text.Split(':');
        if (parts.Length == 2)
        {
            if (!TryCount(parts[0], out var kept) || !TryCount(parts[1], out var group))
            {
                metadata.Add(DiagnosticCodes.MetadataValueUnknown, Name, "is no pattern. Write N:M, such as 2:4 for two kept of four");
            }
            else if (kept < 1 || kept >= group)
            {
                metadata.Add(DiagnosticCodes.MetadataValueOutOfRange, Name, "is out of range. In N:M, N of M weights are kept: N goes from 1 to M - 1");
            }
            else
            {
                metadata.NotAvailable(Name, text, "remove it");
            }
        }
        else if (metadata.Number(Name, 0, 1 - 1e-9, "a fraction from 0 to below 1, such as 0.5, or N:M, such as 2:4") is > 0)
        {
            metadata.NotAvailable(Name, text, "remove it");
        }
    }

    private static void CheckCount(MetadataReader metadata, string name, int least, int greatest, string range)
    {
        if (IsNone(metadata.Text(name)))
        {
            return;
        }

        if (metadata.Number(name, least, greatest, range) is { } count)
        {
            if (count != Math.Floor(count))
            {
                metadata.Add(DiagnosticCodes.MetadataValueUnknown, name, $"is no whole number. Write {range}");
            }
            else
            {
                metadata.NotAvailable(name, metadata.Text(name), "remove it");
            }
        }
    }

    private static void CheckUnset(MetadataReader metadata, string name)
    {
        if (metadata.Text(name) is { Length: > 0 } text)
        {
            metadata.NotAvailable(name, text, "remove it");
        }
    }

    private static bool IsNone(string text) => string.Equals(text, "none", StringComparison.OrdinalIgnoreCase);

    private static bool TryCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
