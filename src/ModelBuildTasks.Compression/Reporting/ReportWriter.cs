using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The JSON of a report: the order and the names of its members are stable, indented, with line feeds.</summary>
internal static class ReportWriter
{
    // Letters of all languages unescaped: the file is for people too, and no web page embeds it.
    private static readonly JsonWriterOptions Style = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ArgumentException">A number is NaN or infinite: JSON has neither.</exception>
    public static byte[] Write(CompressionReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Style))
        {
            WriteReport(json, report);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteReport(Utf8JsonWriter json, CompressionReport report)
    {
        json.WriteStartObject();
        json.WriteString("model", report.Model);
        json.WriteString("variant", report.Variant);
        json.WriteString("device", report.Device);
        WriteFormats(json, report.Formats);
        WriteList(json, "integerPorts", report.IntegerPorts, WriteIntegerPort);
        json.WriteString("toolVersion", report.ToolVersion);
        json.WriteNumber("originalBytes", report.OriginalBytes);
        json.WriteNumber("compressedBytes", report.CompressedBytes);
        json.WriteNumber("packedBytes", report.PackedBytes);
        json.WriteNumber("ratio", report.Ratio);
        WriteMetric(json, report.Metric);
        WriteOptional(json, "sqnrDb", report.SqnrDb);
        WriteOptional(json, "top5Original", report.Top5Original);
        WriteOptional(json, "top5Compressed", report.Top5Compressed);
        WriteOptional(json, "agreement", report.Agreement);
        WriteOptional(json, "cosine", report.Cosine);
        WriteLines(json, report.Lines);
        WriteList(json, "outputs", report.Outputs, WriteOutput);
        WriteList(json, "states", report.States, WriteState);
        WriteExpected(json, report.Expected);
        WriteLatency(json, report.Latency);
        json.WriteNumber("sparsity", report.Sparsity);
        WriteList(json, "layers", report.Layers, WriteLayer);
        WriteList(json, "regions", report.Regions, WriteRegion);
        WriteSearch(json, report.Search);
        WriteList(json, "gates", report.Gates, WriteGate);
        WriteList(json, "warnings", report.Warnings, WriteWarning);
        json.WriteStartObject("seconds");
        foreach (var (phase, seconds) in report.Seconds)
        {
            json.WriteNumber(phase, seconds);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormats(Utf8JsonWriter json, FormatsReport? formats)
    {
        if (formats is null)
        {
            json.WriteNull("formats");
            return;
        }

        json.WriteStartObject("formats");
        json.WriteString("activations", formats.Activations);
        json.WriteString("weights", formats.Weights);
        json.WriteBoolean("pairBound", formats.PairBound);
        json.WriteEndObject();
    }

    private static void WriteIntegerPort(Utf8JsonWriter json, IntegerPortReport port)
    {
        json.WriteStartObject();
        json.WriteString("name", port.Name);
        json.WriteString("type", port.Type);
        json.WriteNumber("scale", port.Scale);
        json.WriteNumber("zeroPoint", port.ZeroPoint);
        json.WriteEndObject();
    }

    private static void WriteMetric(Utf8JsonWriter json, MetricReport? metric)
    {
        if (metric is null)
        {
            json.WriteNull("metric");
            return;
        }

        json.WriteStartObject("metric");
        json.WriteString("name", metric.Name);
        json.WriteNumber("samples", metric.Samples);
        json.WriteNumber("original", metric.Original);
        json.WriteNumber("compressed", metric.Compressed);
        json.WriteNumber("drop", metric.Drop);
        WriteList(json, "interval", metric.Interval, (json, bound) => json.WriteNumberValue(bound));
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, OutputReport output)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WriteNumber("sqnrDb", output.SqnrDb);
        json.WriteNumber("cosine", output.Cosine);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, StateReport state)
    {
        json.WriteStartObject();
        json.WriteString("input", state.Input);
        json.WriteString("output", state.Output);
        json.WriteEndObject();
    }

    // As with what is expected, few reports have it.
    private static void WriteLines(Utf8JsonWriter json, LinesReport? lines)
    {
        if (lines is null)
        {
            return;
        }

        json.WriteStartObject("lines");
        json.WriteNumber("original", lines.Original);
        json.WriteNumber("compressed", lines.Compressed);
        json.WriteBoolean("labelled", lines.Labelled);
        json.WriteEndObject();
    }

    // Few reports have it: left out, not null.
    private static void WriteExpected(Utf8JsonWriter json, ExpectedReport? expected)
    {
        if (expected is null)
        {
            return;
        }

        json.WriteStartObject("expected");
        json.WriteNumber("samples", expected.Samples);
        json.WriteNumber("originalSqnrDb", expected.OriginalSqnrDb);
        json.WriteNumber("compressedSqnrDb", expected.CompressedSqnrDb);
        json.WriteEndObject();
    }

    // Left out where Quantize is not auto.
    private static void WriteSearch(Utf8JsonWriter json, SearchReport? search)
    {
        if (search is null)
        {
            return;
        }

        json.WriteStartObject("search");
        json.WriteString("optimizeFor", search.OptimizeFor);
        json.WriteBoolean("met", search.Met);
        json.WriteNumber("trials", search.Trials);
        json.WriteNumber("samples", search.Samples);
        WriteOptional(json, "sqnrDb", search.SqnrDb);
        WriteOptional(json, "drop", search.Drop);
        WriteList(json, "layers", search.Layers, WriteSearchedLayer);
        json.WriteEndObject();
    }

    private static void WriteSearchedLayer(Utf8JsonWriter json, SearchedLayerReport layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("format", layer.Format);
        WriteOptional(json, "sqnrDb", layer.SqnrDb);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, LatencyReport? latency)
    {
        if (latency is null)
        {
            json.WriteNull("latency");
            return;
        }

        json.WriteStartObject("latency");
        json.WriteNumber("originalMs", latency.OriginalMs);
        json.WriteNumber("compressedMs", latency.CompressedMs);
        json.WriteNumber("ratio", latency.Ratio);
        json.WriteEndObject();
    }

    private static void WriteLayer(Utf8JsonWriter json, LayerReport layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("op", layer.Op);
        json.WriteString("format", layer.Format);
        WriteOptional(json, "sqnrDb", layer.SqnrDb);
        json.WriteNumber("bytesBefore", layer.BytesBefore);
        json.WriteNumber("bytesAfter", layer.BytesAfter);
        json.WriteString("reason", layer.Reason);
        json.WriteEndObject();
    }

    private static void WriteRegion(Utf8JsonWriter json, RegionReport region)
    {
        json.WriteStartObject();
        json.WriteString("name", region.Name);
        json.WriteString("format", region.Format);
        WriteList(json, "layers", region.Layers, (json, layer) => json.WriteStringValue(layer));
        json.WriteNumber("operators", region.Operators);
        WriteOptional(json, "int8Us", region.Int8Us);
        WriteOptional(json, "floatUs", region.FloatUs);
        json.WriteString("reason", region.Reason);
        json.WriteEndObject();
    }

    private static void WriteGate(Utf8JsonWriter json, GateReport gate)
    {
        json.WriteStartObject();
        json.WriteString("name", gate.Name);
        json.WriteNumber("limit", gate.Limit);
        WriteOptional(json, "value", gate.Value);
        json.WriteBoolean("passed", gate.Passed);
        json.WriteEndObject();
    }

    private static void WriteWarning(Utf8JsonWriter json, WarningReport warning)
    {
        json.WriteStartObject();
        json.WriteString("code", warning.Code);
        json.WriteString("message", warning.Message);
        json.WriteEndObject();
    }

    private static void WriteList<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
