#:package MSBuild.StructuredLogger
#:property PublishAot=false

using Microsoft.Build.Framework;
using Microsoft.Build.Logging.StructuredLogger;

// For each binary log, lists the targets of our package that executed, with their times; a target's time includes its tasks.
foreach (var path in args)
{
    var started = new Dictionary<(int, int, int), TargetStartedEventArgs>();
    var times = new List<(string Target, double Milliseconds)>();
    foreach (var record in new BinLogReader().ReadRecords(path))
    {
        if (record.Args is TargetStartedEventArgs start && Path.GetFileName(start.TargetFile).StartsWith("ModelBuildTasks.", StringComparison.Ordinal))
        {
            started[Key(start)] = start;
        }
        else if (record.Args is TargetFinishedEventArgs finish && started.Remove(Key(finish), out var begin))
        {
            times.Add((finish.TargetName, (finish.Timestamp - begin.Timestamp).TotalMilliseconds));
        }
    }

    Console.WriteLine($"{times.Sum(time => time.Milliseconds),8:F1} ms in total: {string.Join(", ", times.Where(time => time.Milliseconds >= 0.1).Select(time => $"{time.Target} {time.Milliseconds:F1}"))}");
}

return 0;

static (int, int, int) Key(BuildEventArgs e) => (e.BuildEventContext!.NodeId, e.BuildEventContext.ProjectContextId, e.BuildEventContext.TargetId);
