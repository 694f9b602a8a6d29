using System.Text.Json;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>The parts of a report's JSON that tell what was pruned and shared.</summary>
internal static class TechniqueReportWriter
{
    public static void WritePruning(Utf8JsonWriter json, PruningReport pruning)
    {
        json.WriteStartObject();
        json.WriteString("method", pruning.Method);
        json.WriteString("asked", pruning.Asked);
        json.WriteNumber("weightsBefore", pruning.WeightsBefore);
        json.WriteNumber("weightsAfter", pruning.WeightsAfter);
        json.WriteNumber("sparsity", pruning.Sparsity);
        json.WriteList("layers", pruning.Layers, WriteLayer);
        json.WriteEndObject();
    }

    public static void WriteSharing(Utf8JsonWriter json, SharingReport sharing)
    {
        json.WriteStartObject();
        json.WriteNumber("values", sharing.Values);
        if (sharing.Channels is { } channels)
        {
            json.WriteNumber("channels", channels);
        }

        json.WriteNumber("layers", sharing.Layers);
        json.WriteEndObject();
    }

    private static void WriteLayer(Utf8JsonWriter json, PrunedLayerReport layer)
    {
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        json.WriteString("op", layer.Op);
        json.WriteNumber("weightsBefore", layer.WeightsBefore);
        json.WriteNumber("weightsAfter", layer.WeightsAfter);
        json.WriteOptional("outputSqnrDb", layer.OutputSqnrDb);
        json.WriteString("reason", layer.Reason);
        json.WriteEndObject();
    }
}
