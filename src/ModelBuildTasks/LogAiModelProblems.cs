using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace ModelBuildTasks;

/// <summary>Logs what went wrong in the task host.</summary>
[MSBuildMultiThreadableTask]
public sealed class LogAiModelProblems : ModelTask
{
    private const string FileMetadata = "File";
    private const string MessageMetadata = "Message";

    /// <summary>The problems from CompressAiModelFiles.</summary>
    [Required]
    public ITaskItem[] Problems { get; set; } = [];

    /// <summary>A problem as an item.</summary>
    internal static ITaskItem Item(string code, string file, string message)
    {
        ITaskItem2 item = new TaskItem(code);
        item.SetMetadataValueLiteral(FileMetadata, file);
        item.SetMetadataValueLiteral(MessageMetadata, message);
        return item;
    }

    /// <inheritdoc/>
    protected override void Run()
    {
        foreach (var problem in Problems)
        {
            LogProblem(problem.ItemSpec, problem.GetMetadata(FileMetadata), problem.GetMetadata(MessageMetadata));
        }
    }
}
