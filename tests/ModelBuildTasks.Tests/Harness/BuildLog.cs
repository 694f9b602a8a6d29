using Microsoft.Build.Framework;
using Microsoft.Build.Logging.StructuredLogger;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>What a build did, read from its binary log.</summary>
internal sealed class BuildLog
{
    private const string ProductName = "ModelBuildTasks";
    private readonly List<Diagnostic> diagnostics = [];
    private readonly List<Step> targets = [];
    private readonly List<Step> tasks = [];
    private readonly List<string> messages = [];

    private BuildLog()
    {
    }

    /// <summary>Errors and warnings, in order.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    public IReadOnlyList<Diagnostic> Errors => [.. diagnostics.Where(diagnostic => diagnostic.IsError)];

    public IReadOnlyList<Diagnostic> Warnings => [.. diagnostics.Where(diagnostic => !diagnostic.IsError)];

    /// <summary>The targets of our package that executed.</summary>
    public IReadOnlyList<Step> OurTargets => targets;

    /// <summary>The tasks that executed in targets of our package, ours and MSBuild's.</summary>
    public IReadOnlyList<Step> TasksOfOurTargets => tasks;

    /// <summary>Messages of importance High from our tasks: the summary lines.</summary>
    public IReadOnlyList<string> Messages => messages;

    /// <summary>How often a process that compresses was started.</summary>
    public int TaskHostStarts { get; private set; }

    public static BuildLog Read(string path)
    {
        var log = new BuildLog();
        var startedTargets = new Dictionary<(int Node, int Project, int Target), TargetStartedEventArgs>();
        var startedTasks = new Dictionary<(int Node, int Project, int Task), TaskStartedEventArgs>();
        foreach (var record in new BinLogReader().ReadRecords(path))
        {
            switch (record.Args)
            {
                case BuildErrorEventArgs error:
                    log.diagnostics.Add(new Diagnostic(true, error.Code ?? "", error.File ?? "", error.Message ?? "", error.ProjectFile ?? ""));
                    break;
                case BuildWarningEventArgs warning:
                    log.diagnostics.Add(new Diagnostic(false, warning.Code ?? "", warning.File ?? "", warning.Message ?? "", warning.ProjectFile ?? ""));
                    break;
                case TargetStartedEventArgs started when IsOurs(started.TargetFile):
                    startedTargets[TargetKey(started)] = started;
                    break;
                case TargetFinishedEventArgs finished when startedTargets.Remove(TargetKey(finished), out var started):
                    log.targets.Add(new Step(finished.TargetName, finished.Timestamp - started.Timestamp));
                    break;
                case TaskStartedEventArgs started when startedTargets.ContainsKey(TargetKey(started)):
                    startedTasks[TaskKey(started)] = started;
                    break;
                case TaskFinishedEventArgs finished when startedTasks.Remove(TaskKey(finished), out var started):
                    log.tasks.Add(new Step(finished.TaskName, finished.Timestamp - started.Timestamp));
                    break;
                case BuildMessageEventArgs message:
                    log.AddMessage(message, startedTasks.ContainsKey(TaskKey(message)));
                    break;
            }
        }

        return log;
    }

    private void AddMessage(BuildMessageEventArgs message, bool isOurs)
    {
        // MSBuild's resource ExecutingTaskInTaskHost; English because the command asks for it.
        if (message.Message is { } text && text.Contains("external task host", StringComparison.OrdinalIgnoreCase))
        {
            TaskHostStarts++;
        }
        else if (isOurs && message.Importance == MessageImportance.High)
        {
            messages.Add(message.Message ?? "");
        }
    }

    private static bool IsOurs(string? file) => Path.GetFileName(file)?.StartsWith(ProductName, StringComparison.OrdinalIgnoreCase) == true;

    private static (int Node, int Project, int Target) TargetKey(BuildEventArgs args) =>
        (args.BuildEventContext!.NodeId, args.BuildEventContext.ProjectContextId, args.BuildEventContext.TargetId);

    private static (int Node, int Project, int Task) TaskKey(BuildEventArgs args) =>
        args.BuildEventContext is { } context ? (context.NodeId, context.ProjectContextId, context.TaskId) : default;
}
