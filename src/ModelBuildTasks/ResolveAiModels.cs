using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Devices;
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

    /// <summary>What the project is built for; empty in a plain build.</summary>
    public string RuntimeIdentifier { get; set; } = "";

    /// <summary>All that the project may be published for, separated by semicolons.</summary>
    public string RuntimeIdentifiers { get; set; } = "";

    /// <summary>The SDK's own runtime identifier.</summary>
    public string HostRuntimeIdentifier { get; set; } = "";

    /// <summary>The SDK's graph of runtime identifiers.</summary>
    public string RuntimeIdentifierGraph { get; set; } = "";

    /// <summary>Whether the project makes a program; a library does not know where it will run.</summary>
    public bool IsApplication { get; set; }

    /// <summary>Whether the target framework can ask a processor for VNNI.</summary>
    public bool TellsVnni { get; set; } = true;

    /// <summary>Whether the target framework can unpack Brotli.</summary>
    public bool UnpacksBrotli { get; set; } = true;

    /// <summary>Whether an accessor is generated, which unpacks resources.</summary>
    public bool HasAccessor { get; set; } = true;

    /// <summary>The target framework in words.</summary>
    public string TargetFramework { get; set; } = "";

    /// <summary>The version of ONNX Runtime that the project references; empty where it references none.</summary>
    public string OnnxRuntimeVersion { get; set; } = "";

    /// <summary>An editor asks: what is wrong is left to the real build, and nothing is compressed.</summary>
    public bool DesignTime { get; set; }

    /// <summary>The valid items, one for each variant; ModelName, OutputPath and ReportPath are added to their metadata.</summary>
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
        var choice = new VariantChoice(ProfileParser.Parse(Profiles, folders, problems), Target(), new RuntimeIdentifierGraph(RuntimeIdentifierGraph));
        var models = new List<ModelItem>(Models.Length);
        var items = new List<ModelItem>(Models.Length);
        var resolved = new List<ITaskItem>(Models.Length);
        foreach (var model in Models)
        {
            var count = problems.Count;
            var item = ModelItemParser.Parse(model, folders, problems);
            item = item with { Request = item.Request with { OnnxRuntime = PackageVersion(OnnxRuntimeVersion), ResourceCompression = Packing(item, problems) } };
            // What is not compressed is the same for every processor.
            var variants = Variants(choice, item, problems);
            variants = CompressionEnabled ? variants : [.. variants.Take(1)];
            if (problems.Count == count)
            {
                models.Add(item);
                foreach (var variant in variants)
                {
                    var made = item.For(variant, isOnly: variants.Count == 1);
                    items.Add(made);
                    resolved.Add(VariantMetadata.Write(model, made));
                }
            }
        }

        DuplicateModels.Check(models, items, problems);
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

    /// <summary>How a model is packed here: nobody asked by name for what the application could not undo.</summary>
    private ResourceCompression Packing(ModelItem item, List<ItemProblem> problems)
    {
        var asked = item.Request.ResourceCompression;
        if (asked == ResourceCompression.Brotli && !UnpacksBrotli)
        {
            problems.Add(new ItemProblem(
                DiagnosticCodes.FrameworkWithoutBrotli,
                null,
                $"AiModel '{item.Request.Name}': ResourceCompression=\"brotli\" needs a target framework that unpacks it, .NET Core 2.1 or .NET Standard 2.1 or newer, and this one is {TargetFramework}. Set ResourceCompression=\"none\" for it, with a Condition where the project has several, or remove ResourceCompression: auto leaves the model unpacked there."));
        }

        return asked == ResourceCompression.Auto && !(UnpacksBrotli && HasAccessor) ? ResourceCompression.None : asked;
    }

    private BuildTarget Target() =>
        new(RuntimeIdentifier, RuntimeIdentifiers.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), IsApplication, HostRuntimeIdentifier) { TellsVnni = TellsVnni };

    private static IReadOnlyList<ModelVariant> Variants(VariantChoice choice, ModelItem item, List<ItemProblem> problems)
    {
        try
        {
            return choice.Of(item.Request, item.Device, problems);
        }
        catch (CompressionException exception)
        {
            problems.Add(new ItemProblem(exception.Code, exception.File, exception.Message));
            return [];
        }
    }

    // A preview counts as the version that it precedes.
    private static Version? PackageVersion(string text) => Version.TryParse(text.Split('-', '+')[0], out var version) ? version : null;

    private static ITaskItem[] OutputsOf(List<ModelItem> items)
    {
        var outputs = new List<ITaskItem>();
        foreach (var item in items)
        {
            outputs.Add(new TaskItem(item.OutputPath));
            outputs.Add(new TaskItem(item.PackedPath));
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
                    Log.LogMessage(MessageImportance.Low, "{0}: {1}.", items[i].OutputName, reason ?? "the latency gate failed, so the latency is measured again");
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
