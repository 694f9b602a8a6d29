using System.Diagnostics;

namespace ModelBuildTasks.Hosting;

/// <summary>
/// Ends the work, and where that does not answer the process, when the build is cancelled or gone. A native call cannot be interrupted, and MSBuild leaves a task host running when the build is killed.
/// </summary>
internal sealed class HostLifetime : IDisposable
{
    // What a cancelled build may take; measured on the kernels, a cancellation is seen within 100 ms.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource cancellation = new();
    private readonly ParentProcess? parent;
    private readonly Timer? watch;
    private readonly Lock gate = new();
    private Timer? exit;
    private bool disposed;

    /// <summary>Starts to watch the parent where this process is a task host.</summary>
    public HostLifetime()
    {
        if (!IsTaskHost)
        {
            return;
        }

        parent = ParentProcess.Current();
        watch = new Timer(_ => WatchParent(), null, WatchInterval, WatchInterval);
    }

    /// <summary>Cancelled when the work should end.</summary>
    public CancellationToken Token => cancellation.Token;

    /// <summary>Whether this process only runs tasks, so that ending it ends nothing else. MSBuild starts its task hosts in node mode 2.</summary>
    public static bool IsTaskHost { get; } = Array.Exists(Environment.GetCommandLineArgs(), argument => argument.EndsWith("nodemode:2", StringComparison.OrdinalIgnoreCase));

    /// <summary>Ends the work; may be called any number of times, from any thread, also after the end.</summary>
    public void Cancel()
    {
        lock (gate)
        {
            if (disposed || cancellation.IsCancellationRequested)
            {
                return;
            }

            if (IsTaskHost)
            {
                exit = new Timer(_ => Process.GetCurrentProcess().Kill(), null, Grace, Timeout.InfiniteTimeSpan);
            }

            cancellation.Cancel();
        }
    }

    /// <summary>The work has ended: nothing is left to stop.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            exit?.Dispose();
            watch?.Dispose();
            cancellation.Dispose();
        }
    }

    private void WatchParent()
    {
        if (parent!.HasEnded)
        {
            Cancel();
        }
    }
}
