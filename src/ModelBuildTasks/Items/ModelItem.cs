using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Items;

/// <summary>An AiModel item, read and valid.</summary>
/// <param name="Request">What to compress and how.</param>
/// <param name="Limits">The gates' thresholds.</param>
/// <param name="FailsOnRegression">Whether a failed gate is an error; else it is a warning.</param>
/// <param name="LogicalName">The resource's name.</param>
internal sealed record ModelItem(CompressionRequest Request, GateLimits Limits, bool FailsOnRegression, string LogicalName)
{
    /// <summary>The class in the generated accessor.</summary>
    public string Identifier { get; } = Items.Identifier.OfModel(Request.Name);

    /// <summary>The compressed model.</summary>
    public string OutputPath => Path.Combine(Request.OutputFolder, Request.Name + ".onnx");

    /// <summary>Its report.</summary>
    public string ReportPath => Path.Combine(Request.OutputFolder, Request.Name + ".report.json");

    /// <summary>The report as a page.</summary>
    public string PagePath => Path.Combine(Request.OutputFolder, Request.Name + ".report.html");

    /// <summary>The activation ranges.</summary>
    public string RangesPath => Path.Combine(Request.OutputFolder, Request.Name + ".ranges.json");

    /// <summary>The folder of its trace, where one is asked for.</summary>
    public string TraceFolder => Path.Combine(Request.OutputFolder, Request.Name + ".trace");

    /// <summary>What the outputs were made from.</summary>
    public string StampPath => Path.Combine(Request.OutputFolder, Request.Name + ".stamp");
}
