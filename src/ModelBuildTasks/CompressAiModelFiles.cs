using System.Globalization;
using Microsoft.Build.Framework;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Hosting;
using ModelBuildTasks.Incremental;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Compresses all stale models of a project. The only task that loads the runtime, so it runs in a process of its own: a crash there cannot take the build with it.</summary>
[MSBuildMultiThreadableTask]
public sealed class CompressAiModelFiles : ModelTask, ICancelableTask, IDisposable
{
    private readonly HostLifetime lifetime = new();

    /// <summary>The stale items from ResolveAiModels.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where compressed models go.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Where earlier results are.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>Exists while the task runs: where it is left behind, the process ended without an answer.</summary>
    [Required]
    public string MarkerFile { get; set; } = "";

    /// <summary>How many models are compressed at a time; empty leaves it to the build.</summary>
    public string MaxParallelism { get; set; } = "";

    /// <summary>Whether to write the graph after each step and why each node is what it is.</summary>
    public bool Trace { get; set; }

    /// <inheritdoc/>
    public void Cancel() => lifetime.Cancel();

    /// <inheritdoc/>
    public void Dispose() => lifetime.Dispose();

    /// <inheritdoc/>
    protected override void Run()
    {
        try
        {
            var folders = ModelFolders.Of(ProjectFolder, OutputFolder, CacheFolder);

            // Another terminal may build the same project.
            using var folderLock = CacheLock.Acquire(folders.Cache, "output-" + ContentHash.OfTexts([folders.Output]), lifetime.Token);
            CompressAll(folders);
        }
        finally
        {
            Dispose();
        }
    }

    private void CompressAll(ModelFolders folders)
    {
        var marker = folders.Resolve(MarkerFile);
        PrepareFolder(folders.Output, marker);
        try
        {
            // The variants of a model belong together: it is calibrated once, and the original runs once to judge all of them.
            var models = Read(Models, folders).Zip(Models).GroupBy(pair => pair.First.Request.Name, StringComparer.OrdinalIgnoreCase).Select(group => group.ToArray()).ToArray();
            var wanted = int.TryParse(MaxParallelism, CultureInfo.InvariantCulture, out var limit) ? Math.Min(limit, models.Length) : models.Length;
            using var cores = CoreRequest.Of(BuildEngine, wanted);
            var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(cores.Count, 1, wanted) };
            Parallel.ForEach(models, options, variants => Compress(Array.ConvertAll(variants, pair => pair.First), Array.ConvertAll(variants, pair => pair.Second), folders));
        }
        finally
        {
            File.Delete(marker);
        }
    }

    private void Compress(ModelItem[] items, ITaskItem[] models, ModelFolders folders)
    {
        var name = items[0].Request.Name;
        try
        {
            var remeasure = Array.ConvertAll(models, model => model.GetMetadata("RemeasureLatency") == "true");
            StaleModel.Compress(items, remeasure, Trace, line => Log.LogMessage(MessageImportance.Low, "{0}: {1}", name, line), lifetime.Token);
            foreach (var item in Trace ? items : [])
            {
                Log.LogMessage(MessageImportance.High, "{0}: the trace is in {1}", Path.GetFileName(item.Request.ModelPath), Path.GetRelativePath(folders.Project, item.TraceFolder).Replace('\\', '/'));
            }
        }
        catch (OperationCanceledException)
        {
            Log.LogMessage(MessageImportance.Low, "{0}: cancelled", name);
        }
        catch (Exception exception)
        {
            Fail(exception, items[0].Request.ModelPath);
        }
    }

    private static void PrepareFolder(string folder, string marker)
    {
        try
        {
            Directory.CreateDirectory(folder);

            // What a killed process left and never published; nobody else writes this folder now.
            foreach (var file in Directory.EnumerateFiles(folder, ".*.tmp"))
            {
                File.Delete(file);
            }

            File.WriteAllText(marker, "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompressionException(DiagnosticCodes.OutputNotWritable, folder, $"'{folder}' cannot be written ({exception.Message}). Free space or grant access, then build again.", exception);
        }
    }
}
