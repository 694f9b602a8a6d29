using System.Text.Json;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The parts of a report's JSON that tell which formats layers have, and why.</summary>
internal static class PlanReportWriter
{
    public static void WriteLayer(Utf8JsonWriter json, LayerReport layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("op", layer.Op);
        json.WriteString("format", layer.Format);
        json.WriteOptional("sqnrDb", layer.SqnrDb);
        json.WriteOptional("outputSqnrDb", layer.OutputSqnrDb);
        json.WriteNumber("bytesBefore", layer.BytesBefore);
        json.WriteNumber("bytesAfter", layer.BytesAfter);
        json.WriteString("reason", layer.Reason);
        json.WriteEndObject();
    }

    public static void WriteRegion(Utf8JsonWriter json, RegionReport region)
    {
        json.WriteStartObject();
        json.WriteString("name", region.Name);
        json.WriteString("format", region.Format);
        json.WriteList("layers", region.Layers, (json, layer) => json.WriteStringValue(layer));
        json.WriteNumber("operators", region.Operators);
        json.WriteOptional("int8Us", region.Int8Us);
        json.WriteOptional("floatUs", region.FloatUs);
        json.WriteString("reason", region.Reason);
        json.WriteEndObject();
    }

    public static void WriteSearch(Utf8JsonWriter json, SearchReport search)
    {
        json.WriteStartObject();
        json.WriteString("optimizeFor", search.OptimizeFor);
        json.WriteBoolean("met", search.Met);
        json.WriteNumber("trials", search.Trials);
        json.WriteNumber("samples", search.Samples);
        json.WriteOptional("sqnrDb", search.SqnrDb);
        json.WriteOptional("drop", search.Drop);
        json.WriteList("layers", search.Layers, WriteSearchedLayer);
        json.WriteEndObject();
    }

    private static void WriteSearchedLayer(Utf8JsonWriter json, SearchedLayerReport layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("format", layer.Format);
        json.WriteOptional("sqnrDb", layer.SqnrDb);
        json.WriteEndObject();
    }
}
