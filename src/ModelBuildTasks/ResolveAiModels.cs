using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Incremental;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Checks the AiModel items of a project and tells which must be compressed. Runs in the build's own process and never loads the runtime.</summary>
[MSBuildMultiThreadableTask]
public sealed class ResolveAiModels : ModelTask
{
    /// <summary>The AiModel items.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where compressed models go.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>Where earlier results are.</summary>
    [Required]
    public string CacheFolder { get; set; } = "";

    /// <summary>enforce, warn or off.</summary>
    public string Gates { get; set; } = "";

    /// <summary>How many models are compressed at a time; empty leaves it to the build.</summary>
    public string MaxParallelism { get; set; } = "";

    /// <summary>false embeds the models as they are.</summary>
    public bool CompressionEnabled { get; set; } = true;

    /// <summary>Whether each model needs a trace.</summary>
    public bool Trace { get; set; }

    /// <summary>An editor asks: what is wrong is left to the real build, and nothing is compressed.</summary>
    public bool DesignTime { get; set; }

    /// <summary>The valid items; ModelName, OutputPath and ReportPath are added to their metadata.</summary>
    [Output]
    public ITaskItem[] ResolvedModels { get; set; } = [];

    /// <summary>Those of them that must be compressed.</summary>
    [Output]
    public ITaskItem[] StaleModels { get; set; } = [];

    /// <summary>Everything that the build may write for these items.</summary>
    [Output]
    public ITaskItem[] Outputs { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run()
    {
        var problems = new List<ItemProblem>();
        CheckProperties(problems);
        var folders = ModelFolders.Of(ProjectFolder, OutputFolder, CacheFolder);
        var items = new List<ModelItem>(Models.Length);
        var resolved = new List<ITaskItem>(Models.Length);
        foreach (var model in Models)
        {
            var count = problems.Count;
            var item = ModelItemParser.Parse(model, folders, problems);
            if (problems.Count == count)
            {
                items.Add(item);
                resolved.Add(Resolved(model, item));
            }
        }

        DuplicateModels.Check(items, problems);
        Outputs = OutputsOf(items);
        ResolvedModels = [.. resolved];
        if (DesignTime)
        {
            return;
        }

        foreach (var problem in problems)
        {
            LogProblem(problem.Code, problem.File ?? ProjectFile, problem.Message);
        }

        if (problems.Count == 0 && CompressionEnabled)
        {
            StaleModels = Stale(items, resolved);
        }
    }

    private void CheckProperties(List<ItemProblem> problems)
    {
        if (Gates is not ("enforce" or "warn" or "off"))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.MetadataValueUnknown, null, $"The property AiModelGates=\"{Gates}\" is unknown. Allowed values: enforce, warn, off."));
        }

        if (MaxParallelism.Length > 0 && !(int.TryParse(MaxParallelism, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0))
        {
            problems.Add(new ItemProblem(DiagnosticCodes.MetadataValueOutOfRange, null, $"The property AiModelMaxParallelism=\"{MaxParallelism}\" is out of range. Write how many models may be compressed at a time, from 1, or nothing."));
        }
    }

    private static TaskItem Resolved(ITaskItem model, ModelItem item)
    {
        var resolved = new TaskItem(model);
        resolved.SetMetadata("ModelName", item.Request.Name);
        resolved.SetMetadata("OutputPath", item.OutputPath);
        resolved.SetMetadata("ReportPath", item.ReportPath);
        return resolved;
    }

    private static ITaskItem[] OutputsOf(List<ModelItem> items)
    {
        var outputs = new List<ITaskItem>();
        foreach (var item in items)
        {
            outputs.Add(new TaskItem(item.OutputPath));
            outputs.Add(new TaskItem(item.ReportPath));
            outputs.Add(new TaskItem(item.PagePath));
            outputs.Add(new TaskItem(item.RangesPath));
            outputs.Add(new TaskItem(item.StampPath));
        }

        return [.. outputs];
    }

    private ITaskItem[] Stale(List<ModelItem> items, List<ITaskItem> resolved)
    {
        var stale = new List<ITaskItem>();
        for (var i = 0; i < items.Count; i++)
        {
            try
            {
                var reason = new UpToDateCheck(items[i]).StaleReason(Trace);
                var remeasure = reason is null && FailedLatency(items[i]);
                if (reason is not null || remeasure)
                {
                    Log.LogMessage(MessageImportance.Low, "{0}: {1}.", items[i].Request.Name, reason ?? "the latency gate failed, so the latency is measured again");
                    resolved[i].SetMetadata("Compressed", "true");
                    resolved[i].SetMetadata("RemeasureLatency", remeasure ? "true" : "false");
                    stale.Add(resolved[i]);
                }
            }
            catch (CompressionException exception)
            {
                Fail(exception, ProjectFile);
            }
        }

        return [.. stale];
    }

    /// <summary>A failed latency gate is measured again and never replayed: a busy machine is no property of the model.</summary>
    private bool FailedLatency(ModelItem item) =>
        Gates != "off"
        && item.Limits.MaxLatencyRatio is { } limit
        && ReportFile.TryRead(item.ReportPath, out var report)
        && report.Latency?.Ratio > limit;
}
