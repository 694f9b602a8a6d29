using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>An assignment that the search may try.</summary>
/// <param name="Formats">The assignment.</param>
/// <param name="Layers">What its plan makes of each layer, by name, in the order of the graph.</param>
/// <param name="Nanoseconds">The time of a run, as the cost table has it.</param>
/// <param name="Bytes">The bytes of the weights.</param>
internal sealed record Candidate(FormatAssignment Formats, IReadOnlyDictionary<string, LayerFormat> Layers, double Nanoseconds, double Bytes)
{
    /// <summary>Equal for candidates that become the same model.</summary>
    public string Signature { get; } = string.Join(' ', Layers.Values.Select(format => (int)format));
}
