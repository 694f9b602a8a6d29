using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Pruning;

namespace ModelBuildTasks.Items;

/// <summary>Reads Prune and PruneMethod.</summary>
internal static class PruningMetadata
{
    private const string Name = "Prune";

    /// <summary>What is asked for; null where nothing is, or nothing that is right.</summary>
    public static PruningOptions? Parse(MetadataReader metadata)
    {
        var method = PruneMethodNames.Parse(metadata.Choice("PruneMethod", ["auto", "magnitude", "obs", "obd", "structured", "layers"], "variational"));
        var text = metadata.Text(Name);
        if (text.Length == 0 || metadata.IsNone(Name))
        {
            return null;
        }

        var parts = text.Split(':');
        if (parts.Length == 2)
        {
            return Pattern(metadata, parts) is { } pattern ? PruningOptions.Of(pattern, method) : null;
        }

        return metadata.Number(Name, 0, 1 - 1e-9, "a fraction from 0 to below 1, such as 0.5, or N:M, such as 2:4") is { } sparsity and > 0 ? new(sparsity, method) : null;
    }

    private static SparsityPattern? Pattern(MetadataReader metadata, string[] parts)
    {
        if (!TryCount(parts[0], out var kept) || !TryCount(parts[1], out var group))
        {
            metadata.Add(DiagnosticCodes.MetadataValueUnknown, Name, "is no pattern. Write N:M, such as 2:4 for two kept of four");
            return null;
        }

        if (kept < 1 || kept >= group)
        {
            metadata.Add(DiagnosticCodes.MetadataValueOutOfRange, Name, "is out of range. In N:M, N of M weights are kept: N goes from 1 to M - 1");
            return null;
        }

        return new(kept, group);
    }

    private static bool TryCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
