namespace ModelBuildTasks.Compression;

/// <summary>The one entry point: compresses a model, judges the result and reports.</summary>
public static class ModelCompressor
{
    /// <summary>Compresses the model of a request; reuses what the cache holds; publishes its outputs whole or not at all.</summary>
    /// <exception cref="Diagnostics.CompressionException">The model, its data or the request are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing was published.</exception>
    public static CompressionResult Compress(CompressionRequest request, IProgress<CompressionProgress>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();
}
