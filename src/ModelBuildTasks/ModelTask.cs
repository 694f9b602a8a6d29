using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>What the tasks share: where the project is, and that no exception leaves a task as anything but a coded error.</summary>
public abstract class ModelTask : Microsoft.Build.Utilities.Task
{
    /// <summary>The project file: what errors about items point at.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Relative paths start in the project's folder.</summary>
    protected string ProjectFolder => Path.GetDirectoryName(ProjectFile)!;

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        try
        {
            Run();
        }
        catch (CompressionException exception)
        {
            Log.LogCodedError(exception, ProjectFile);
        }
        catch (Exception exception)
        {
            Log.LogInternalError(exception, ProjectFile);
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>The task's work; errors are logged or thrown.</summary>
    protected abstract void Run();

    /// <summary>Reads an item that _ResolveAiModels has found valid.</summary>
    private protected static ModelItem Read(ITaskItem item, ModelFolders folders) => ModelItemParser.Parse(item, folders, []);
}
