using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Search;

namespace Benchmarks.Formats;

/// <summary>A row of the table: a name in the words of the metadata, and what it makes of a request.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Apply">Sets the options of a request.</param>
internal sealed record TableForm(string Name, Func<CompressionRequest, CompressionRequest> Apply)
{
    /// <summary>Every mode the library knows, auto for either goal, and int8 in every other way an .onnx file can be written.</summary>
    public static IReadOnlyList<TableForm> All { get; } =
    [
        .. Enum.GetValues<QuantizationMode>().Where(mode => mode is not (QuantizationMode.None or QuantizationMode.Auto))
            .Select(mode => new TableForm(QuantizationModeNames.Of(mode), request => request with { Quantize = mode })),
        .. Enum.GetValues<OptimizationGoal>()
            .Select(goal => new TableForm($"auto ({goal.ToString().ToLowerInvariant()})", request => request with { Quantize = QuantizationMode.Auto, OptimizeFor = goal, MaxAccuracyDrop = BenchmarkModels.MaxAccuracyDrop(request.Name), MinSqnr = BenchmarkModels.MinSqnr(request.Name, goal) })),
        .. Enum.GetValues<ModelFormat>().Where(format => format is not (ModelFormat.Qdq or ModelFormat.Ort))
            .Select(format => new TableForm($"int8 ({format.ToString().ToLowerInvariant()})", request => request with { Quantize = QuantizationMode.Int8, Format = format })),
    ];

    /// <exception cref="ArgumentException">There is no form of this name.</exception>
    public static TableForm Of(string name) => All.FirstOrDefault(form => form.Name == name)
        ?? throw new ArgumentException($"There is no form '{name}': {string.Join(", ", All.Select(form => form.Name))} are.", nameof(name));
}
