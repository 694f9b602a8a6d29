using System.Text.Json;
using System.Text.Json.Serialization;
using ModelBuildTasks.Compression.Packaging;

namespace ModelBuildTasks.Compression.Reporting;

/// <summary>Reads and writes a <see cref="PassesOutcome"/>.</summary>
internal static partial class PassesFile
{
    /// <summary>The outcome, or null where the file is missing or not whole.</summary>
    public static PassesOutcome? TryRead(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, Context.Default.PassesOutcome);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the outcome whole or not at all.</summary>
    public static void Write(string path, PassesOutcome outcome) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, outcome, Context.Default.PassesOutcome));

    [JsonSerializable(typeof(PassesOutcome))]
    private sealed partial class Context : JsonSerializerContext;
}
