using System.Text.Json;

namespace ModelBuildTasks.Tests.Harness;

/// <summary>Reads report.json as a stranger would.</summary>
internal static class Report
{
    public static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
}
