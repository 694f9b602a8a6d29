namespace ModelBuildTasks.Compression.Pruning;

/// <summary>What a model shall do without.</summary>
/// <param name="Sparsity">The share of it, above 0 and below 1: of the weights of all layers, or of what they compute where whole channels or blocks go. With a pattern 1 − N/M.</param>
/// <param name="Method">How it is decided.</param>
/// <param name="Pattern">The pattern of zeros, or null where they may lie anywhere.</param>
public sealed record PruningOptions(double Sparsity, PruneMethod Method = PruneMethod.Auto, SparsityPattern? Pattern = null)
{
    /// <summary>The options of a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="method">How it is decided which weights stay.</param>
    public static PruningOptions Of(SparsityPattern pattern, PruneMethod method = PruneMethod.Auto) => new(1 - ((double)pattern.Kept / pattern.Group), method, pattern);

    /// <summary>The value as the metadata says it: "0.5" or "2:4".</summary>
    public string Text => Pattern?.ToString() ?? Sparsity.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
