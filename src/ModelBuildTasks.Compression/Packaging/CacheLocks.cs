namespace ModelBuildTasks.Compression.Packaging;

/// <summary>Several keys of the cache, held at a time.</summary>
internal sealed class CacheLocks : IDisposable
{
    private readonly List<CacheLock> locks = [];

    private CacheLocks()
    {
    }

    /// <summary>Waits until all keys are free, then holds them. Everybody takes them in the same order, so that no two wait for each other.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while waiting.</exception>
    /// <exception cref="Diagnostics.CompressionException">AIM1303: the cache cannot be written.</exception>
    public static CacheLocks Acquire(string cacheFolder, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var held = new CacheLocks();
        try
        {
            foreach (var key in keys.Distinct().Order(StringComparer.Ordinal))
            {
                held.locks.Add(CacheLock.Acquire(cacheFolder, key, cancellationToken));
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => locks.ForEach(held => held.Dispose());
}
