namespace ModelBuildTasks.Compression.Reporting;

/// <summary>What the passes did to a model; kept in the cache beside it.</summary>
/// <param name="Variant">What was done, for people: "int8".</param>
/// <param name="Layers">What became of each layer.</param>
/// <param name="Sparsity">The share of weights that are zero.</param>
/// <param name="Warnings">Warnings that belong to the result.</param>
/// <param name="Seconds">Seconds per phase.</param>
internal sealed record PassesOutcome(string Variant, IReadOnlyList<LayerReport> Layers, double Sparsity, IReadOnlyList<WarningReport> Warnings, IReadOnlyDictionary<string, double> Seconds)
{
    /// <summary>How the assignment of formats was found; null where it was not searched for.</summary>
    public SearchReport? Search { get; init; }

    /// <summary>Bytes of all weights in the memory of the runtime; null where that was not measured.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>What was pruned; null where nothing was asked for.</summary>
    public PruningReport? Pruning { get; init; }

    /// <summary>How weights share values; null where nothing was asked for.</summary>
    public SharingReport? Sharing { get; init; }

    /// <summary>What computes on bytes together and what was dropped together.</summary>
    public IReadOnlyList<RegionReport> Regions { get; init; } = [];
}
