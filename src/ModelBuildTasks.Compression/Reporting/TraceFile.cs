using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Writes nodes.json of a trace: for programs, and one line a node, so that a person reads and searches it as a table.</summary>
internal static partial class TraceFile
{
    /// <param name="path">The file, written whole or not at all.</param>
    /// <param name="model">The original's file name.</param>
    /// <param name="result">The variant that is used in the end: "float" is the original.</param>
    /// <param name="steps">The files of the graph after each step, in order.</param>
    /// <param name="warnings">What there is to say about the result.</param>
    /// <param name="nodes">In the order of the graph.</param>
    public static void Write(string path, string model, string result, IEnumerable<string> steps, IEnumerable<WarningReport> warnings, IEnumerable<NodeTrace> nodes) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("{");
        text.WriteLine($"  \"model\": {Json(model)},");
        text.WriteLine($"  \"result\": {Json(result)},");
        text.WriteLine($"  \"steps\": [{string.Join(", ", steps.Select(Json))}],");
        text.WriteLine($"  \"warnings\": [{string.Join(", ", warnings.Select(warning => Json($"{warning.Code}: {warning.Message}")))}],");
        text.WriteLine("  \"nodes\": [");
        text.WriteLine(string.Join(",\n", nodes.Select(node => "    " + JsonSerializer.Serialize(node, TraceContext.Style.NodeTrace))));
        text.WriteLine("  ]");
        text.WriteLine("}");
    });

    private static string Json(string value) => JsonSerializer.Serialize(value, TraceContext.Style.String);

    [JsonSerializable(typeof(NodeTrace))]
    private sealed partial class TraceContext : JsonSerializerContext
    {
        // Letters and quotes of names as they are: no web page embeds the file.
        public static TraceContext Style { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });
    }
}
