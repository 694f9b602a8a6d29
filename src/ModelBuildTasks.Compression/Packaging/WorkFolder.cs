using System.Globalization;

namespace ModelBuildTasks.Compression.Packaging;

/// <summary>A folder for files that live as long as one compression; those of processes that were killed go with the next one.</summary>
internal sealed class WorkFolder : IDisposable
{
    private WorkFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a folder below the cache and removes those whose process is gone.</summary>
    public static WorkFolder Create(string cacheFolder)
    {
        var parent = System.IO.Path.Combine(cacheFolder, "work");
        Directory.CreateDirectory(parent);
        foreach (var abandoned in Directory.EnumerateDirectories(parent).Where(IsAbandoned))
        {
            Directory.Delete(abandoned, recursive: true);
        }

        var path = System.IO.Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(path);
        return new(path);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool IsAbandoned(string folder)
    {
        var owner = System.IO.Path.GetFileName(folder).Split('-')[0];
        return int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && !ProcessLives(id);
    }

    private static bool ProcessLives(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
