using System.Text.Json;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>
/// A report from its JSON. Written by hand because every up-to-date build reads a report in a light task, and it is the first JSON there: measured in a fresh process after the JSON
/// library was loaded, 41 to 59 ms with the serializer's source generator (its infrastructure is compiled on first use), 7 ms so.
/// </summary>
internal static class ReportReader
{
    /// <summary>Reads a report; unknown members are skipped, optional ones may be missing.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A member is of another kind.</exception>
    /// <exception cref="FormatException">A number does not fit.</exception>
    /// <exception cref="KeyNotFoundException">A required member is missing.</exception>
    public static CompressionReport Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        return new CompressionReport
        {
            Model = Text(root, "model"),
            Variant = Text(root, "variant"),
            Device = Text(root, "device"),
            Formats = Optional(root, "formats") is { } formats ? new FormatsReport(Text(formats, "activations"), Text(formats, "weights"), formats.GetProperty("pairBound").GetBoolean()) : null,
            IntegerPorts = ReadOptionalList(root, "integerPorts", port => new IntegerPortReport(Text(port, "name"), Text(port, "type"), Number(port, "scale"), port.GetProperty("zeroPoint").GetInt32())),
            ToolVersion = Text(root, "toolVersion"),
            OriginalBytes = root.GetProperty("originalBytes").GetInt64(),
            CompressedBytes = root.GetProperty("compressedBytes").GetInt64(),
            PackedBytes = root.GetProperty("packedBytes").GetInt64(),
            MemoryBytes = Optional(root, "memoryBytes")?.GetInt64(),
            Metric = Optional(root, "metric") is { } metric ? ReadMetric(metric) : null,
            SqnrDb = OptionalNumber(root, "sqnrDb"),
            Top5Original = OptionalNumber(root, "top5Original"),
            Top5Compressed = OptionalNumber(root, "top5Compressed"),
            Agreement = OptionalNumber(root, "agreement"),
            Cosine = OptionalNumber(root, "cosine"),
            Lines = Optional(root, "lines") is { } lines ? new LinesReport(Number(lines, "original"), Number(lines, "compressed"), lines.GetProperty("labelled").GetBoolean()) : null,
            Outputs = ReadOptionalList(root, "outputs", output => new OutputReport(Text(output, "name"), Number(output, "sqnrDb"), Number(output, "cosine"))),
            States = ReadOptionalList(root, "states", state => new StateReport(Text(state, "input"), Text(state, "output"))),
            Expected = Optional(root, "expected") is { } expected ? ReadExpected(expected) : null,
            Latency = Optional(root, "latency") is { } latency ? ReadLatency(latency) : null,
            Sparsity = Number(root, "sparsity"),
            Pruning = Optional(root, "pruning") is { } pruning ? ReadPruning(pruning) : null,
            Sharing = Optional(root, "sharing") is { } sharing ? new SharingReport(sharing.GetProperty("values").GetInt32(), Optional(sharing, "channels")?.GetInt32(), sharing.GetProperty("layers").GetInt32()) : null,
            Layers = ReadList(root, "layers", ReadLayer),
            Regions = ReadOptionalList(root, "regions", ReadRegion),
            Search = Optional(root, "search") is { } search ? ReadSearch(search) : null,
            Gates = ReadList(root, "gates", ReadGate),
            Warnings = ReadList(root, "warnings", warning => new WarningReport(Text(warning, "code"), Text(warning, "message"))),
            Seconds = ReadSeconds(root.GetProperty("seconds")),
        };
    }

    private static MetricReport ReadMetric(JsonElement metric) => new(
        Text(metric, "name"),
        metric.GetProperty("samples").GetInt32(),
        Number(metric, "original"),
        Number(metric, "compressed"),
        Number(metric, "drop"),
        [.. ReadList(metric, "interval", bound => bound.GetDouble())]);

    private static ExpectedReport ReadExpected(JsonElement expected) => new(expected.GetProperty("samples").GetInt32(), Number(expected, "originalSqnrDb"), Number(expected, "compressedSqnrDb"));

    private static LatencyReport ReadLatency(JsonElement latency) => new(Number(latency, "originalMs"), Number(latency, "compressedMs"), Number(latency, "ratio"));

    private static LayerReport ReadLayer(JsonElement layer) => new(
        Text(layer, "name"),
        Text(layer, "op"),
        Text(layer, "format"),
        OptionalNumber(layer, "sqnrDb"),
        layer.GetProperty("bytesBefore").GetInt64(),
        layer.GetProperty("bytesAfter").GetInt64(),
        Optional(layer, "reason")?.GetString())
    {
        OutputSqnrDb = OptionalNumber(layer, "outputSqnrDb"),
    };

    private static RegionReport ReadRegion(JsonElement region) => new(
        Text(region, "name"),
        Text(region, "format"),
        ReadList(region, "layers", layer => layer.GetString() ?? ""),
        region.GetProperty("operators").GetInt32(),
        OptionalNumber(region, "int8Us"),
        OptionalNumber(region, "floatUs"),
        Text(region, "reason"));

    private static SearchReport ReadSearch(JsonElement search) => new(
        Text(search, "optimizeFor"),
        search.GetProperty("met").GetBoolean(),
        search.GetProperty("trials").GetInt32(),
        search.GetProperty("samples").GetInt32(),
        OptionalNumber(search, "sqnrDb"),
        OptionalNumber(search, "drop"),
        ReadList(search, "layers", layer => new SearchedLayerReport(Text(layer, "name"), Text(layer, "format"), OptionalNumber(layer, "sqnrDb"))));

    private static PruningReport ReadPruning(JsonElement pruning) => new(Text(pruning, "method"), Text(pruning, "asked"), pruning.GetProperty("weightsBefore").GetInt64(), pruning.GetProperty("weightsAfter").GetInt64(), Number(pruning, "sparsity"))
    {
        Layers = ReadList(pruning, "layers", layer => new PrunedLayerReport(
            Text(layer, "name"), Text(layer, "op"), layer.GetProperty("weightsBefore").GetInt64(), layer.GetProperty("weightsAfter").GetInt64(), OptionalNumber(layer, "outputSqnrDb"), Optional(layer, "reason")?.GetString())),
    };

    private static GateReport ReadGate(JsonElement gate) => new(Text(gate, "name"), Number(gate, "limit"), OptionalNumber(gate, "value"), gate.GetProperty("passed").GetBoolean());

    private static Dictionary<string, double> ReadSeconds(JsonElement seconds)
    {
        var phases = new Dictionary<string, double>();
        foreach (var phase in seconds.EnumerateObject())
        {
            phases[phase.Name] = phase.Value.GetDouble();
        }

        return phases;
    }

    // A report of an earlier version has none.
    private static T[] ReadOptionalList<T>(JsonElement parent, string name, Func<JsonElement, T> read) => Optional(parent, name) is null ? [] : ReadList(parent, name, read);

    private static T[] ReadList<T>(JsonElement parent, string name, Func<JsonElement, T> read)
    {
        var list = parent.GetProperty(name);
        var items = new T[list.GetArrayLength()];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(list[i]);
        }

        return items;
    }

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new KeyNotFoundException(name);

    private static double Number(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();

    private static double? OptionalNumber(JsonElement parent, string name) => Optional(parent, name)?.GetDouble();

    private static JsonElement? Optional(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
