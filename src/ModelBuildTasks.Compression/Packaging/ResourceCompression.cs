namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Whether a model is packed with Brotli before it becomes a resource.</summary>
public enum ResourceCompression
{
    /// <summary>Where weights were pruned or shared, so that packing is likely to gain, and it saves a tenth or more.</summary>
    Auto,

    /// <summary>Never.</summary>
    None,

    /// <summary>Wherever it saves a byte.</summary>
    Brotli,
}
