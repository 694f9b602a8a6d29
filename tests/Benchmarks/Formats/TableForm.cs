using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Formats;

/// <summary>A row of the table: a name in the words of the metadata, and what it makes of a request.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Apply">Sets the options of a request.</param>
internal sealed record TableForm(string Name, Func<CompressionRequest, CompressionRequest> Apply)
{
    /// <summary>Every mode the library knows, and int8 in every other way an .onnx file can be written.</summary>
    public static IReadOnlyList<TableForm> All { get; } =
    [
        .. Enum.GetValues<QuantizationMode>().Where(mode => mode != QuantizationMode.None).Select(mode => new TableForm(Word(mode), request => request with { Quantize = mode })),
        .. Enum.GetValues<ModelFormat>().Where(format => format is not (ModelFormat.Qdq or ModelFormat.Ort))
            .Select(format => new TableForm($"int8, {format.ToString().ToLowerInvariant()}", request => request with { Quantize = QuantizationMode.Int8, Format = format })),
    ];

    /// <summary>The word of a mode in the metadata Quantize: Int8Weights is int8-weights.</summary>
    private static string Word(QuantizationMode mode) => mode.ToString() is "Float16" ? "fp16"
        : string.Concat(mode.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"-{letter}" : $"{letter}")).ToLowerInvariant();
}
