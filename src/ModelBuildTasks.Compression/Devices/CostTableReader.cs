using System.Globalization;
using System.Text.Json;

namespace ModelBuildTasks.Compression.Devices;

/// <summary>Reads the JSON of a cost table. Errors name the line, since people write these files too.</summary>
internal static class CostTableReader
{
    private static readonly string[] BorderNames = ["start", "quantize", "dequantize", "layoutToBytes", "layoutToFloat"];

    /// <exception cref="FormatException">It is no cost table; the message says on which line and why.</exception>
    public static CostTableFile Read(ReadOnlySpan<byte> content)
    {
        content = content.StartsWith("\uFEFF"u8) ? content[3..] : content;
        var reader = new Utf8JsonReader(content);
        try
        {
            return ReadFile(ref reader, content);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"line {exception.LineNumber + 1} is no JSON", exception);
        }
    }

    private static CostTableFile ReadFile(ref Utf8JsonReader reader, ReadOnlySpan<byte> content)
    {
        reader.Read();
        var line = Line(ref reader, content);
        Require(reader.TokenType == JsonTokenType.StartObject, line, "the file is no object");
        var (format, hasMeasuredOn) = (0L, false);
        string? measuredOn = null, takenOverFrom = null, runtime = null, date = null;
        BorderCosts? borders = null;
        List<LayerCost>? layers = null;
        List<ElementCost>? elements = null;
        var seen = new HashSet<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            line = Line(ref reader, content);
            Require(seen.Add(name), line, $"'{name}' is there twice");
            reader.Read();
            switch (name)
            {
                case "format":
                    Require(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out format) && format == CostTableFile.Format, line, $"'format' is not {CostTableFile.Format}, the only one that this version knows");
                    break;
                case "measuredOn":
                    hasMeasuredOn = true;
                    measuredOn = reader.TokenType == JsonTokenType.Null ? null : Text(ref reader, line, name);
                    break;
                case "takenOverFrom":
                    takenOverFrom = Text(ref reader, line, name);
                    Require(Path.GetFileName(takenOverFrom) == takenOverFrom && takenOverFrom.Length > 0, line, "'takenOverFrom' is not the name of a file in the same folder");
                    break;
                case "runtime":
                    runtime = Text(ref reader, line, name);
                    break;
                case "date":
                    date = Text(ref reader, line, name);
                    Require(DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), line, "'date' is no day as 2026-01-31");
                    break;
                case "borders":
                    var row = CostTableRow.Read(ref reader, content, [], BorderNames);
                    borders = new(row.Cost("start"), row.Cost("quantize"), row.Cost("dequantize"), row.Cost("layoutToBytes"), row.Cost("layoutToFloat"));
                    break;
                case "layers":
                    layers = Rows(ref reader, content, ["operator"], ["dimensions", "kernel", "groups", "inputs", "outputs", "float", "int8"], Layer, cost => cost.Class);
                    break;
                case "elements":
                    elements = Rows(ref reader, content, ["operator"], ["float", "int8"], row => new ElementCost(row.Text("operator"), row.Cost("float"), row.Cost("int8")), cost => cost.Operator);
                    break;
                default:
                    throw Error(line, $"'{name}' is not known");
            }
        }

        // What follows the object is no JSON, and the reader says so.
        reader.Read();
        Require(seen.Contains("format"), line, "'format' is missing");
        Require(hasMeasuredOn, line, "'measuredOn' is missing");
        if (takenOverFrom is not null)
        {
            Require(measuredOn is null && seen.Count == 3, line, "what takes its numbers over has 'measuredOn' null, and no numbers");
            return new CostTableFile(new CostTableOrigin(null, takenOverFrom, "", ""), BorderCosts.None, [], []);
        }

        Require(measuredOn is not null, line, "'measuredOn' is null, but 'takenOverFrom' names no other file");
        return new CostTableFile(
            new CostTableOrigin(measuredOn, null, runtime ?? throw Missing("runtime", line), date ?? throw Missing("date", line)),
            borders ?? throw Missing("borders", line),
            layers ?? throw Missing("layers", line),
            elements ?? throw Missing("elements", line));
    }

    /// <summary>The line of the current token, from 1.</summary>
    public static int Line(ref Utf8JsonReader reader, ReadOnlySpan<byte> content) => content[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;

    /// <exception cref="FormatException">It does not hold.</exception>
    public static void Require(bool holds, int line, string otherwise)
    {
        if (!holds)
        {
            throw Error(line, otherwise);
        }
    }

    public static FormatException Error(int line, string reason) => new($"line {line.ToString(CultureInfo.InvariantCulture)}: {reason}");

    private static FormatException Missing(string name, int line) => Error(line, $"'{name}' is missing");

    private static List<T> Rows<T, TKey>(ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string[] texts, string[] numbers, Func<CostTableRow, T> read, Func<T, TKey> key)
    {
        Require(reader.TokenType == JsonTokenType.StartArray, Line(ref reader, content), "it is no list");
        var rows = new List<T>();
        var keys = new HashSet<TKey>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var row = CostTableRow.Read(ref reader, content, texts, numbers);
            rows.Add(read(row));
            Require(keys.Add(key(rows[^1])), row.Line, "an earlier line has the same");
        }

        return rows;
    }

    private static LayerCost Layer(CostTableRow row)
    {
        var operation = row.Text("operator");
        var isConvolution = operation == "Conv";
        Require(isConvolution || operation is "Gemm" or "MatMul", row.Line, $"'{operation}' is no layer with costs: Conv, Gemm and MatMul are");
        return new LayerCost(
            new LayerClass(operation, (int)row.Count("dimensions", isConvolution ? 1 : 0, isConvolution ? 3 : 0), row.Count("kernel", 1), row.Count("groups", 1), row.Count("inputs", 1), row.Count("outputs", 1)),
            row.Cost("float"),
            row.Cost("int8"));
    }

    private static string Text(ref Utf8JsonReader reader, int line, string name)
    {
        Require(reader.TokenType == JsonTokenType.String, line, $"'{name}' is no text");
        return reader.GetString()!;
    }
}
