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
        json.WriteObject("formats", report.Formats, WriteFormats);
        json.WriteList("integerPorts", report.IntegerPorts, WriteIntegerPort);
        json.WriteString("toolVersion", report.ToolVersion);
        json.WriteNumber("originalBytes", report.OriginalBytes);
        json.WriteNumber("compressedBytes", report.CompressedBytes);
        json.WriteNumber("packedBytes", report.PackedBytes);
        json.WriteOptional("memoryBytes", report.MemoryBytes);
        json.WriteNumber("ratio", report.Ratio);
        json.WriteNumber("packedRatio", report.PackedRatio);
        json.WriteObject("metric", report.Metric, WriteMetric);
        json.WriteOptional("sqnrDb", report.SqnrDb);
        json.WriteOptional("top5Original", report.Top5Original);
        json.WriteOptional("top5Compressed", report.Top5Compressed);
        json.WriteOptional("agreement", report.Agreement);
        json.WriteOptional("cosine", report.Cosine);
        json.WriteWhereKnown("lines", report.Lines, WriteLines);
        json.WriteList("outputs", report.Outputs, WriteOutput);
        json.WriteList("states", report.States, WriteState);
        json.WriteWhereKnown("expected", report.Expected, WriteExpected);
        json.WriteObject("latency", report.Latency, WriteLatency);
        json.WriteNumber("sparsity", report.Sparsity);
        json.WriteWhereKnown("pruning", report.Pruning, TechniqueReportWriter.WritePruning);
        json.WriteWhereKnown("sharing", report.Sharing, TechniqueReportWriter.WriteSharing);
        json.WriteList("layers", report.Layers, PlanReportWriter.WriteLayer);
        json.WriteList("regions", report.Regions, PlanReportWriter.WriteRegion);
        json.WriteWhereKnown("search", report.Search, PlanReportWriter.WriteSearch);
        json.WriteList("gates", report.Gates, WriteGate);
        json.WriteList("warnings", report.Warnings, WriteWarning);
        json.WriteStartObject("seconds");
        foreach (var (phase, seconds) in report.Seconds)
        {
            json.WriteNumber(phase, seconds);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFormats(Utf8JsonWriter json, FormatsReport formats)
    {
        json.WriteStartObject();
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

    private static void WriteMetric(Utf8JsonWriter json, MetricReport metric)
    {
        json.WriteStartObject();
        json.WriteString("name", metric.Name);
        json.WriteNumber("samples", metric.Samples);
        json.WriteNumber("original", metric.Original);
        json.WriteNumber("compressed", metric.Compressed);
        json.WriteNumber("drop", metric.Drop);
        json.WriteList("interval", metric.Interval, (json, bound) => json.WriteNumberValue(bound));
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

    private static void WriteLines(Utf8JsonWriter json, LinesReport lines)
    {
        json.WriteStartObject();
        json.WriteNumber("original", lines.Original);
        json.WriteNumber("compressed", lines.Compressed);
        json.WriteBoolean("labelled", lines.Labelled);
        json.WriteEndObject();
    }

    private static void WriteExpected(Utf8JsonWriter json, ExpectedReport expected)
    {
        json.WriteStartObject();
        json.WriteNumber("samples", expected.Samples);
        json.WriteNumber("originalSqnrDb", expected.OriginalSqnrDb);
        json.WriteNumber("compressedSqnrDb", expected.CompressedSqnrDb);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, LatencyReport latency)
    {
        json.WriteStartObject();
        json.WriteNumber("originalMs", latency.OriginalMs);
        json.WriteNumber("compressedMs", latency.CompressedMs);
        json.WriteNumber("ratio", latency.Ratio);
        json.WriteEndObject();
    }

    private static void WriteGate(Utf8JsonWriter json, GateReport gate)
    {
        json.WriteStartObject();
        json.WriteString("name", gate.Name);
        json.WriteNumber("limit", gate.Limit);
        json.WriteOptional("value", gate.Value);
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
}
