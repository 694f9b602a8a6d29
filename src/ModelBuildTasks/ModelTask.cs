using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Devices;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>What the tasks share: where the project is, and that no exception leaves a task as anything but a coded error.</summary>
public abstract class ModelTask : Microsoft.Build.Utilities.Task
{
    /// <summary>The project file: what errors about items point at.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The AiDeviceProfile items, those of the package first.</summary>
    public ITaskItem[] Profiles { get; set; } = [];

    /// <summary>Relative paths start in the project's folder.</summary>
    protected string ProjectFolder => Path.GetDirectoryName(ProjectFile)!;

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        try
        {
            Run();
        }
        catch (OperationCanceledException)
        {
            Log.LogMessage(MessageImportance.Low, "{0}: cancelled", GetType().Name);
        }
        catch (Exception exception)
        {
            Fail(exception, ProjectFile);
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>The task's work; errors are logged or thrown.</summary>
    protected abstract void Run();

    /// <summary>Tells the user of an exception: what they can act on as it is, anything else as our fault, with the stack trace at detailed verbosity.</summary>
    private protected void Fail(Exception exception, string file)
    {
        if (exception is CompressionException known)
        {
            LogProblem(known.Code, known.File ?? file, known.Message);
            return;
        }

        var message = exception.Message.ReplaceLineEndings(" ");
        LogProblem(DiagnosticCodes.InternalError, file, $"ModelBuildTasks failed unexpectedly: {message} This is a defect of ModelBuildTasks: please report it with the output of 'dotnet build -v:detailed'.");
        Log.LogMessage(MessageImportance.Low, "{0}", exception);
    }

    /// <summary>Logs an error with its code, its file and the place of its explanation.</summary>
    private protected void LogProblem(string code, string file, string message) => Log.LogCodedError(code, file, message);

    /// <summary>Reads the items that _ResolveAiModels has found valid, one for each variant.</summary>
    private protected ModelItem[] Read(ITaskItem[] models, ModelFolders folders)
    {
        var profiles = ProfileParser.Parse(Profiles, folders, []);
        return Array.ConvertAll(models, model => VariantMetadata.Read(model, ModelItemParser.Parse(model, folders, []), profiles));
    }
}
