using System.Globalization;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression;

/// <summary>The graph after each step as a model of its own, and what became of each node: for who wants to know why a model is not smaller or not faster.</summary>
internal sealed class CompressionTrace
{
    private const string NotAsked = "Quantize is none";
    private readonly string folder;
    private readonly string model;
    private readonly List<string> steps = [];
    private GraphTrace? nodes;

    private CompressionTrace(string folder, string model)
    {
        this.folder = folder;
        this.model = model;
        try
        {
            // Only what a trace has: the folder is the caller's choice.
            foreach (var file in Directory.CreateDirectory(folder).GetFiles("*.onnx").Concat(new DirectoryInfo(folder).GetFiles("*.onnx.data")).Append(new FileInfo(NodesPath)))
            {
                file.Delete();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CompressionException(DiagnosticCodes.OutputNotWritable, folder, $"The trace '{folder}' cannot be written anew ({exception.Message}). Close what has a file of it open, then build again.", exception);
        }
    }

    private string NodesPath => Path.Combine(folder, "nodes.json");

    /// <summary>What passes tell of the nodes of the model; null before <see cref="Start"/>.</summary>
    public GraphTrace? Nodes => nodes;

    /// <summary>A trace in the folder that a request names, where an earlier one goes; null where it names none.</summary>
    /// <exception cref="CompressionException">AIM1303: the folder cannot be written.</exception>
    public static CompressionTrace? Of(CompressionRequest request) => request.TraceFolder is { } folder ? new(folder, Path.GetFileName(request.ModelPath)) : null;

    /// <summary>The trace of a model that no pass sees.</summary>
    public void WriteUntouched(string modelPath)
    {
        using var original = OnnxModel.Load(modelPath);
        nodes = GraphTrace.Of(original.Proto.Graph);
        nodes.TellOthers(NotAsked);
        Write("float", []);
    }

    /// <summary>Begins with the model that the passes get.</summary>
    /// <param name="step">What was done last to it.</param>
    /// <param name="prepared">The simplified model, pruned where that was asked for.</param>
    public void Start(string step, OnnxModel prepared)
    {
        nodes = GraphTrace.Of(prepared.Proto.Graph);
        Add(step, prepared);
    }

    /// <summary>Writes the graph after a step; its file has the step's number and name, and data beside it where the model is beyond 2 GiB.</summary>
    public void Add(string step, OnnxModel result)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"{steps.Count + 1}-{step}.onnx");
        result.SaveOfAnySize(Path.Combine(folder, file));
        steps.Add(file);
    }

    /// <summary>Ends with nodes.json.</summary>
    /// <param name="result">The variant that is used in the end.</param>
    /// <param name="warnings">What there is to say about it.</param>
    public void Write(string result, IEnumerable<WarningReport> warnings) =>
        TraceFile.Write(NodesPath, model, result, steps, warnings, nodes?.Nodes ?? []);
}
