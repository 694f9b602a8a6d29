using System.Text;
using Microsoft.Build.Framework;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Diagnostics;
using ModelBuildTasks.Incremental;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Holds the reports against the thresholds, on every build: a gate that failed fails again without compressing again. Runs in the build's own process and never loads the runtime.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckAiModelGates : ModelTask
{
    private static readonly string[] LimitNames = [GateNames.MaxAccuracyDrop, GateNames.MinSqnr, GateNames.MaxSize, GateNames.MaxLatencyRatio, "OnRegression"];
    private bool hasDiagnostics;

    /// <summary>The items from ResolveAiModels.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where compressed models are.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>enforce, warn or off.</summary>
    [Required]
    public string Gates { get; set; } = "";

    /// <summary>What was found right; exists only where nothing was to be said about it.</summary>
    [Required]
    public string StampFile { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run()
    {
        var folders = ModelFolders.Of(ProjectFolder, OutputFolder, OutputFolder);
        var stampPath = folders.Resolve(StampFile);
        var anyCompressed = Array.Exists(Models, model => model.GetMetadata("Compressed") == "true");
        if (!anyCompressed && Stamp().Matches(stampPath))
        {
            return;
        }

        var items = Read(Models, folders);
        for (var i = 0; i < items.Length; i++)
        {
            Check(items[i], wasCompressed: Models[i].GetMetadata("Compressed") == "true");
        }

        if (hasDiagnostics)
        {
            File.Delete(stampPath);
        }
        else
        {
            Stamp().Write(stampPath);
        }
    }

    private InputsStamp Stamp()
    {
        var stamp = new InputsStamp();
        stamp.Add(Gates);
        foreach (var model in Models)
        {
            foreach (var name in LimitNames)
            {
                stamp.Add(model.GetMetadata(name));
            }

            stamp.AddFile(model.GetMetadata("ReportPath"));
        }

        return stamp;
    }

    private void Check(ModelItem item, bool wasCompressed)
    {
        if (!ReportFile.TryRead(item.ReportPath, out var report))
        {
            // Without a stamp the next build makes both again.
            hasDiagnostics = true;
            File.Delete(item.StampPath);
            LogProblem(DiagnosticCodes.OutputNotWritable, item.ReportPath, $"The report '{item.ReportPath}' cannot be read, perhaps because something else changed it. Build again: it is made again.");
            return;
        }

        Log.LogMessage(wasCompressed ? MessageImportance.High : MessageImportance.Low, "{0}", SummaryLine.Of(report));
        foreach (var warning in report.Warnings)
        {
            LogWarning(warning.Code, item, warning.Message);
        }

        if (Gates == "off")
        {
            return;
        }

        if (report.Metric is not null && AccuracyResolution.Check(report.Metric, item.Limits.MaxAccuracyDrop) is { } resolution)
        {
            LogWarning(resolution.Code, item, resolution.Message);
        }

        var gates = GateJudge.Judge(report, Limits(item, report));
        if (!Same(gates, report.Gates))
        {
            var judged = report with { Gates = gates };
            ReportFile.Write(item.ReportPath, judged);
            AtomicFile.WriteWhenDifferent(item.PagePath, Encoding.UTF8.GetBytes(ReportPage.Html(judged)));
        }

        foreach (var gate in gates)
        {
            if (!gate.Passed)
            {
                LogFailure(item, report, gate);
            }
        }
    }

    /// <summary>The thresholds that can be judged here: how fast a variant is shows only on a processor of its kind, where the same gate judges it.</summary>
    private GateLimits Limits(ModelItem item, CompressionReport report)
    {
        if (item.Limits.MaxLatencyRatio is null || item.Request.Device.CanBeTimedOn(HostProcessor.Architecture))
        {
            return item.Limits;
        }

        LogWarning(
            DiagnosticCodes.LatencyNotChecked,
            item,
            $"MaxLatencyRatio was not checked for {report.Model} on {report.Device}: the build host is another kind of processor ({HostProcessor.Architecture}). Build on such a device to check it there.");
        return item.Limits with { MaxLatencyRatio = null };
    }

    private void LogFailure(ModelItem item, CompressionReport report, GateReport gate)
    {
        var (code, message) = GateFailure.Describe(report, gate);
        if (Gates == "enforce" && item.FailsOnRegression)
        {
            hasDiagnostics = true;
            LogProblem(code, item.Request.ModelPath, message);
        }
        else
        {
            LogWarning(code, item, message);
        }
    }

    private void LogWarning(string code, ModelItem item, string message)
    {
        hasDiagnostics = true;
        Log.LogCodedWarning(code, item.Request.ModelPath, message);
    }

    private static bool Same(IReadOnlyList<GateReport> left, IReadOnlyList<GateReport> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (left[i] != right[i])
            {
                return false;
            }
        }

        return true;
    }
}
