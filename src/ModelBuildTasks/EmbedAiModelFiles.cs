using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Tells which files become resources and which lie beside the application, and stops before the compiler does where resources are too large. Runs in the build's own process and never loads the runtime.</summary>
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

    /// <summary>Where models that are files lie, seen from the application; with slashes, the last one included.</summary>
    [Required]
    public string FileFolder { get; set; } = "";

    /// <summary>false embeds the models as they are.</summary>
    public bool CompressionEnabled { get; set; } = true;

    /// <summary>Whether nothing is built now, so that what an earlier build made is used.</summary>
    public bool NoBuild { get; set; }

    /// <summary>The resources, ready for the compiler.</summary>
    [Output]
    public ITaskItem[] Resources { get; set; } = [];

    /// <summary>The models that lie beside the application, ready to be copied.</summary>
    [Output]
    public ITaskItem[] Files { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run()
    {
        var folders = ModelFolders.Of(ProjectFolder, OutputFolder, OutputFolder);
        var resources = new List<ITaskItem>();
        var files = new List<ITaskItem>();
        var total = 0L;
        foreach (var shipped in ShippedModel.Of(Read(Models, folders).Select(item => CompressionEnabled ? item : item.AsItIs())).SelectMany(model => model))
        {
            var path = CompressionEnabled ? shipped.Path : Original(shipped.Item);
            if (shipped.Item.IsFile)
            {
                files.Add(File(path, FileFolder + shipped.FileName));
            }
            else if (!NoBuild)
            {
                total += new FileInfo(path).Length;
                resources.Add(Resource(path, shipped.LogicalName));
            }
        }

        Files = [.. files];
        if (total > GreatestTotal)
        {
            LogProblem(
                DiagnosticCodes.ResourcesTooLarge,
                ProjectFile,
                $"The embedded models have {total:N0} bytes in total, but the compiler takes at most {GreatestTotal:N0}. Set Load=\"File\" on the largest, which then lies beside the application; compress more; or spread the models over several projects.");
            return;
        }

        if (total > LargeTotal)
        {
            Log.LogCodedWarning(
                DiagnosticCodes.ResourcesLarge,
                ProjectFile,
                $"The embedded models have {total:N0} bytes in total: above {LargeTotal:N0} the compiler becomes slow and takes gigabytes of memory. Compress more, set Load=\"File\" on the largest, or spread the models over several projects.");
        }

        Resources = [.. resources];
    }

    private static string Original(ModelItem item)
    {
        var path = item.Request.ModelPath;
        return ExternalDataFiles.Of(path).Count == 0
            ? path
            : throw new CompressionException(
                DiagnosticCodes.TechniqueNotAvailable,
                path,
                $"'{path}' has external data, which would not go with it, and AiModelCompressionEnabled=false takes it as it is. Enable compression: it makes one self-contained file, also with Quantize=\"none\".");
    }

    private TaskItem File(string path, string fileName)
    {
        if (!System.IO.File.Exists(path))
        {
            throw new CompressionException(DiagnosticCodes.NotBuilt, ProjectFile, $"The model '{fileName}' was not built yet, so that it cannot be published without a build. Build for the same configuration and runtime identifier first, or publish without --no-build.");
        }

        var file = new TaskItem(path);
        file.SetMetadata("Link", fileName);
        file.SetMetadata("CopyToOutputDirectory", "PreserveNewest");
        file.SetMetadata("CopyToPublishDirectory", "PreserveNewest");

        // In a single-file application too: the runtime maps a file, but copies a resource.
        file.SetMetadata("ExcludeFromSingleFile", "true");
        file.SetMetadata("Visible", "false");
        return file;
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
