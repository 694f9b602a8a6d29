using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Devices;

namespace ModelBuildTasks.Items;

/// <summary>An AiModel item, read and valid: the model, or one variant of it.</summary>
/// <param name="Request">What to compress and how.</param>
/// <param name="Limits">The gates' thresholds.</param>
/// <param name="FailsOnRegression">Whether a failed gate is an error; else it is a warning.</param>
/// <param name="Device">The Device metadata.</param>
/// <param name="LogicalName">The resource's name.</param>
/// <param name="IsFile">Whether the model lies beside the application instead of in its assembly.</param>
internal sealed record ModelItem(CompressionRequest Request, GateLimits Limits, bool FailsOnRegression, string Device, string LogicalName, bool IsFile)
{
    /// <summary>The class in the generated accessor.</summary>
    public string Identifier { get; } = Items.Identifier.OfModel(Request.Name);

    /// <summary>For which processors the accessor chooses this variant; empty where there is one only.</summary>
    public IReadOnlyList<string> Processors { get; init; } = [];

    /// <summary>The cost table of its device profile; null where it has none.</summary>
    public string? CostsPath { get; init; }

    /// <summary>What its files are called, without extension.</summary>
    public string OutputName => Request.OutputName ?? Request.Name;

    /// <summary>The compressed model.</summary>
    public string OutputPath => Output(Extension);

    /// <summary>The compressed model as it is packed for its assembly, where it is.</summary>
    public string PackedPath => OutputPath + BrotliFile.Extension;

    /// <summary>What a model that is a file is called beside the application.</summary>
    public string FileName => OutputName + Extension;

    /// <summary>Its report.</summary>
    public string ReportPath => Output(".report.json");

    /// <summary>The report as a page.</summary>
    public string PagePath => Output(".report.html");

    /// <summary>The activation ranges, which all variants share.</summary>
    public string RangesPath => Path.Combine(Request.OutputFolder, Request.Name + ".ranges.json");

    /// <summary>The folder of its trace, where one is asked for.</summary>
    public string TraceFolder => Output(".trace");

    /// <summary>What the outputs were made from.</summary>
    public string StampPath => Output(".stamp");

    private string Extension => Request.Format.Extension();

    /// <summary>The item of one variant.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="isOnly">Whether it is the only one: then nothing carries its name.</param>
    public ModelItem For(ModelVariant variant, bool isOnly)
    {
        var name = variant.Profile.Device.Name;
        return this with
        {
            Request = Request with { Device = variant.Profile.Device, OutputName = isOnly ? null : $"{Request.Name}.{name}", OnnxRuntime = Older(Request.OnnxRuntime, variant.Profile.OnnxRuntime) },
            LogicalName = isOnly ? LogicalName : WithDevice(LogicalName, name),
            Processors = variant.Processors,
            CostsPath = variant.Profile.CostsPath,
        };
    }

    /// <summary>The item of a model that is not compressed: the source as it is, whatever form was asked for.</summary>
    public ModelItem AsItIs()
    {
        var isDefault = LogicalName == $"AiModels.{Request.Name}{Extension}";
        var original = this with { Request = Request with { Format = ModelFormat.Qdq, IntegerOnly = false, ResourceCompression = ResourceCompression.None } };
        return isDefault ? original with { LogicalName = $"AiModels.{Request.Name}{original.Extension}" } : original;
    }

    private static Version? Older(Version? left, Version? right) => left is null || right < left ? right ?? left : left;

    // AiModels.digits.onnx → AiModels.digits.arm64.onnx; a name without extension gets the device at its end.
    private static string WithDevice(string logicalName, string device)
    {
        var extension = Path.GetExtension(logicalName);
        return extension switch
        {
            ".onnx" or ".ort" => $"{logicalName[..^extension.Length]}.{device}{extension}",
            BrotliFile.Extension => WithDevice(logicalName[..^extension.Length], device) + extension,
            _ => $"{logicalName}.{device}",
        };
    }

    private string Output(string extension) => Path.Combine(Request.OutputFolder, OutputName + extension);
}
