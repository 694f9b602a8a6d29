using System.Text;
using Microsoft.Build.Framework;
using ModelBuildTasks.Accessor;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Incremental;
using ModelBuildTasks.Items;

namespace ModelBuildTasks;

/// <summary>Writes AiModels.g.cs, in design-time builds too, so that an editor completes it. Runs in the build's own process and never loads the runtime.</summary>
[MSBuildMultiThreadableTask]
public sealed class GenerateAiModelAccessor : ModelTask
{
    private bool isComplete = true;

    /// <summary>The items from ResolveAiModels.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Where compressed models are.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>The file to write; left alone where it holds the same already.</summary>
    [Required]
    public string AccessorFile { get; set; } = "";

    /// <summary>Where the class goes.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>Whether the project's C# has global usings, so that a program without a namespace sees the class too.</summary>
    public bool HasGlobalUsings { get; set; }

    /// <summary>Whether the project references ONNX Runtime.</summary>
    public bool HasOnnxRuntime { get; set; }

    /// <summary>false embeds the models as they are.</summary>
    public bool CompressionEnabled { get; set; } = true;

    /// <summary>An editor asks: a model that cannot be read is left to the real build.</summary>
    public bool DesignTime { get; set; }

    /// <summary>Where models that are files lie, seen from the application; with slashes, the last one included.</summary>
    [Required]
    public string FileFolder { get; set; } = "";

    /// <summary>What the file was made from; written beside it.</summary>
    [Required]
    public string StampFile { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run()
    {
        var folders = ModelFolders.Of(ProjectFolder, OutputFolder, OutputFolder);
        var path = folders.Resolve(AccessorFile);
        var stampPath = folders.Resolve(StampFile);
        var items = Array.ConvertAll(Read(Models, folders), item => CompressionEnabled ? item : item.AsItIs());
        if (File.Exists(path) && Stamp(items, path).Matches(stampPath))
        {
            return;
        }

        var models = new List<AccessorModel>();
        foreach (var shipped in ShippedModel.Of(items))
        {
            models.Add(Describe(shipped));
        }

        var text = new AccessorWriter(Identifier.OfNamespace(RootNamespace), HasGlobalUsings, HasOnnxRuntime).Write(models);
        AtomicFile.WriteWhenDifferent(path, Encoding.UTF8.GetBytes(text));
        if (isComplete)
        {
            Stamp(items, path).Write(stampPath);
        }
    }

    private InputsStamp Stamp(ModelItem[] items, string accessorPath)
    {
        var stamp = new InputsStamp();
        stamp.Add(RootNamespace);
        stamp.Add(HasGlobalUsings ? "global usings" : "no global usings");
        stamp.Add(HasOnnxRuntime ? "sessions" : "streams");
        stamp.Add(CompressionEnabled ? "compressed" : "original");
        stamp.Add(FileFolder);
        foreach (var item in items)
        {
            stamp.Add(item.OutputName);
            stamp.Add(item.LogicalName);
            stamp.Add(item.IsFile ? "file" : "resource");
            stamp.Add(item.Request.Packs ? "packed" : "as it is");
            stamp.Add(string.Join(';', item.Processors));
            stamp.AddFile(item.Request.ModelPath);
            stamp.AddFile(item.ReportPath);
            stamp.AddFile(item.StampPath);
        }

        stamp.AddFile(accessorPath);
        return stamp;
    }

    private AccessorModel Describe(IReadOnlyList<ShippedModel> shipped)
    {
        var item = shipped[0].Item;
        var (inputs, outputs) = Signature(item.Request.ModelPath);
        var integers = item.Request.IntegerOnly && ReportFile.TryRead(item.ReportPath, out var report) ? report.IntegerPorts : [];
        // Variants with equal bytes share the file, but each processor is told its own report.
        AccessorVariant[] variants = shipped.Count == 1 ? [Describe(shipped[0], item, [])] : [.. shipped.SelectMany(model => model.Variants.Select(variant => Describe(model, variant, variant.Processors)))];
        return new AccessorModel(item.Identifier, item.IsFile, variants, WithIntegers(inputs, integers), WithIntegers(outputs, integers));
    }

    /// <summary>Compression keeps inputs and outputs, but for the types of a model of integers only.</summary>
    private static AccessorTensor[] WithIntegers(IReadOnlyList<AccessorTensor> tensors, IReadOnlyList<IntegerPortReport> integers) =>
        [.. tensors.Select(tensor => integers.FirstOrDefault(port => port.Name == tensor.Name) is { } port ? tensor with { Type = port.Type, Quantization = port } : tensor)];

    private AccessorVariant Describe(ShippedModel shipped, ModelItem item, IReadOnlyList<string> processors)
    {
        var file = Path.GetFileName(item.Request.ModelPath);
        var (variant, summary) = (CompressionEnabled, ReportFile.TryRead(item.ReportPath, out var report)) switch
        {
            (false, _) => ("original", $"{file}: as it is"),
            (true, true) => (report!.Variant, SummaryLine.Of(report)),
            (true, false) => ("", $"{file}: not compressed yet"),
        };
        return new AccessorVariant(item.IsFile ? FileFolder + shipped.FileName : shipped.LogicalName, shipped.Packing, variant, summary, processors);
    }

    private (IReadOnlyList<AccessorTensor> Inputs, IReadOnlyList<AccessorTensor> Outputs) Signature(string modelPath)
    {
        try
        {
            return ModelSignature.Read(modelPath);
        }
        catch (CompressionException) when (DesignTime)
        {
            isComplete = false;
            return ([], []);
        }
    }
}
