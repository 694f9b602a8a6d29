using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Tells which files become resources, and stops before the compiler does where they are too large. Runs in the build's own process and never loads the runtime.</summary>
[MSBuildMultiThreadableTask]
public sealed class EmbedAiModelFiles : ModelTask
{
    // The compiler takes resources below 2 GiB in total: 2040 MiB compiled and 2200 MiB was CS1566, both measured with SDK 10.0.401.
    private const long GreatestTotal = 2040L << 20;
    private const long LargeTotal = 400_000_000;

    /// <summary>The items from ResolveAiModels.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where compressed models are.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>false embeds the models as they are.</summary>
    public bool CompressionEnabled { get; set; } = true;

    /// <summary>The resources, ready for the compiler.</summary>
    [Output]
    public ITaskItem[] Resources { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run()
    {
        var folders = ModelFolders.Of(ProjectFolder, OutputFolder, OutputFolder);
        var resources = new ITaskItem[Models.Length];
        var total = 0L;
        for (var i = 0; i < resources.Length; i++)
        {
            var item = Read(Models[i], folders);
            var path = CompressionEnabled ? item.OutputPath : Original(item);
            total += new FileInfo(path).Length;
            resources[i] = Resource(path, item.LogicalName);
        }

        if (total > GreatestTotal)
        {
            LogProblem(
                DiagnosticCodes.ResourcesTooLarge,
                ProjectFile,
                $"The embedded models have {total:N0} bytes in total, but the compiler takes at most {GreatestTotal:N0}. Compress more, spread the models over several projects, or ship one as a file instead of an AiModel.");
            return;
        }

        if (total > LargeTotal)
        {
            Log.LogCodedWarning(
                DiagnosticCodes.ResourcesLarge,
                ProjectFile,
                $"The embedded models have {total:N0} bytes in total: above {LargeTotal:N0} the compiler becomes slow and takes gigabytes of memory. Compress more, or spread the models over several projects.");
        }

        Resources = resources;
    }

    private static string Original(ModelItem item)
    {
        var path = item.Request.ModelPath;
        return ExternalDataFiles.Of(path).Count == 0
            ? path
            : throw new CompressionException(
                DiagnosticCodes.TechniqueNotAvailable,
                path,
                $"'{path}' has external data, which a resource cannot hold, and AiModelCompressionEnabled=false embeds it as it is. Enable compression: it makes one self-contained file, also with Quantize=\"none\".");
    }

    private static TaskItem Resource(string path, string logicalName)
    {
        var resource = new TaskItem(path);
        resource.SetMetadata("LogicalName", logicalName);
        resource.SetMetadata("Type", "Non-Resx");

        // Else a name such as m.fr.onnx goes into a French satellite assembly.
        resource.SetMetadata("WithCulture", "false");
        return resource;
    }
}
