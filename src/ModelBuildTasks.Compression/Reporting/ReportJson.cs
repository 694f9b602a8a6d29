using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The JSON shape of a report, generated at compile time: reading one needs no reflection, as a build reads it in every up-to-date run.</summary>
[JsonSerializable(typeof(CompressionReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>Camel-cased, indented with line feeds, letters of all languages unescaped, missing parts refused.</summary>
    public static ReportJson Stable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });
}
