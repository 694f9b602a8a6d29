using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Reads and writes what passes did.</summary>
internal static partial class PassesFile
{
    /// <summary>The outcome, or null where the file is missing or not whole.</summary>
    public static PassesOutcome? TryRead(string path) => TryRead(path, Context.Default.PassesOutcome);

    /// <summary>What pruning did, or null where the file is missing or not whole.</summary>
    public static PruningReport? TryReadPruning(string path) => TryRead(path, Context.Default.PruningReport);

    /// <summary>Writes the outcome whole or not at all.</summary>
    public static void Write(string path, PassesOutcome outcome) => Write(path, outcome, Context.Default.PassesOutcome);

    /// <summary>Writes what pruning did whole or not at all.</summary>
    public static void Write(string path, PruningReport report) => Write(path, report, Context.Default.PruningReport);

    private static T? TryRead<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write<T>(string path, T value, JsonTypeInfo<T> type) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, type));

    [JsonSerializable(typeof(PassesOutcome))]
    [JsonSerializable(typeof(PruningReport))]
    private sealed partial class Context : JsonSerializerContext;
}
