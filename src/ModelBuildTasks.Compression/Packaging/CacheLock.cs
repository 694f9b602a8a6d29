using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>
/// Holds a key of the cache, so that builds of several target frameworks, projects or terminals do not do the same work at a time. The operating system lets go when the process ends, however it ends.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    // Short beside any compression, long enough not to be felt by the file system.
    private static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(50);

    private readonly FileStream stream;

    private CacheLock(FileStream stream) => this.stream = stream;

    /// <summary>Waits until the key is free, then holds it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled while waiting.</exception>
    /// <exception cref="CompressionException">AIM1303: the cache cannot be written.</exception>
    public static CacheLock Acquire(string cacheFolder, string key, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(cacheFolder, "locks");
        var path = Path.Combine(folder, key + ".lock");
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Directory.CreateDirectory(folder);
                return new CacheLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            }
            catch (IOException exception) when (IsHeldByAnother(exception))
            {
                cancellationToken.WaitHandle.WaitOne(PollingInterval);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CompressionException(DiagnosticCodes.OutputNotWritable, path, $"'{path}' cannot be written ({exception.Message}). Grant access to the cache, or set AiModelCacheDirectory to another folder.", exception);
            }
        }
    }

    /// <summary>Lets go. The file stays: removing it would let two hold the same key, one the removed file and one a new.</summary>
    public void Dispose() => stream.Dispose();

    /// <summary>Windows: sharing violation. Elsewhere .NET locks with flock, which answers EWOULDBLOCK: 11 on Linux, 35 on macOS.</summary>
    private static bool IsHeldByAnother(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 32 or 33 : exception.HResult is 11 or 35;
}
