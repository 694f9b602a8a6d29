using ModelBuildTasks.Compression;
using ModelBuildTasks.Compression.Quantization;

namespace Benchmarks.Formats;

/// <summary>A row of the table: a name in the words of the metadata, and what it makes of a request.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Apply">Sets the options of a request.</param>
internal sealed record TableForm(string Name, Func<CompressionRequest, CompressionRequest> Apply)
{
    /// <summary>Every form the library has, those that quantize with data first.</summary>
    public static IReadOnlyList<TableForm> All { get; } =
    [
        .. Enum.GetValues<QuantizationMode>().Where(mode => mode != QuantizationMode.None).Select(mode => new TableForm(Words(mode), request => request with { Quantize = mode })),
    ];

    /// <summary>The word of a mode in the metadata Quantize: Int8Weights is int8-weights.</summary>
    private static string Words(QuantizationMode mode) => string.Concat(mode.ToString().Select((letter, index) => index > 0 && char.IsUpper(letter) ? $"-{letter}" : $"{letter}")).ToLowerInvariant();
}
