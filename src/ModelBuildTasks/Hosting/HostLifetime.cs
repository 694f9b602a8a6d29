using System.Diagnostics;

namespace ModelBuildTasks.Hosting;

/// <summary>
/// Ends the work, and where that does not answer the process, when the build is cancelled or gone. A native call cannot be interrupted, and MSBuild leaves a task host running when the build is killed.
/// </summary>
internal sealed class HostLifetime : IDisposable
{
    // What a cancelled build may take before its process is ended.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource cancellation = new();
    private readonly ManualResetEventSlim ended = new();
    private int cancelCount;

    /// <summary>Starts to watch the parent where this process is a task host.</summary>
    public HostLifetime()
    {
        Token = cancellation.Token;
        if (IsTaskHost)
        {
            // A thread of its own: the pool may be full of native calls.
            new Thread(Watch) { IsBackground = true, Name = "ModelBuildTasks host lifetime" }.Start(ParentProcess.Current());
        }
    }

    /// <summary>Cancelled when the work should end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether this process only runs tasks, so that ending it ends nothing else. MSBuild starts its task hosts in node mode 2.</summary>
    public static bool IsTaskHost { get; } = Array.Exists(Environment.GetCommandLineArgs(), argument => argument.EndsWith("nodemode:2", StringComparison.OrdinalIgnoreCase));

    /// <summary>Ends the work; may be called any number of times, from any thread, also after the end.</summary>
    public void Cancel()
    {
        if (Interlocked.Increment(ref cancelCount) == 1)
        {
            // What is registered with the token may block; neither the build nor the watch waits for it.
            new Thread(cancellation.Cancel) { IsBackground = true }.Start();
        }
    }

    /// <summary>The work has ended: nothing is left to stop.</summary>
    public void Dispose() => ended.Set();

    private void Watch(object? parent)
    {
        Stopwatch? sinceCancel = null;
        while (!ended.Wait(WatchInterval))
        {
            if (((ParentProcess)parent!).HasEnded)
            {
                Cancel();
            }

            if (Volatile.Read(ref cancelCount) > 0)
            {
                sinceCancel ??= Stopwatch.StartNew();
            }

            if (sinceCancel?.Elapsed > Grace)
            {
                Process.GetCurrentProcess().Kill();
            }
        }
    }
}
