#:package MSBuild.StructuredLogger
#:property PublishAot=false

using Microsoft.Build.Framework;
using Microsoft.Build.Logging.StructuredLogger;

// Lists the targets of our package that executed in a build, with their times; a target's time includes its tasks.
var started = new Dictionary<(int, int, int), TargetStartedEventArgs>();
var total = TimeSpan.Zero;
foreach (var record in new BinLogReader().ReadRecords(args[0]))
{
    if (record.Args is TargetStartedEventArgs start && Path.GetFileName(start.TargetFile).StartsWith("ModelBuildTasks.", StringComparison.Ordinal))
    {
        started[Key(start)] = start;
    }
    else if (record.Args is TargetFinishedEventArgs finish && started.Remove(Key(finish), out var begin))
    {
        var time = finish.Timestamp - begin.Timestamp;
        total += time;
        Console.WriteLine($"{time.TotalMilliseconds,8:F1} ms  {finish.TargetName}");
    }
}

Console.WriteLine($"{total.TotalMilliseconds,8:F1} ms  in total");
return 0;

static (int, int, int) Key(BuildEventArgs e) => (e.BuildEventContext!.NodeId, e.BuildEventContext.ProjectContextId, e.BuildEventContext.TargetId);
