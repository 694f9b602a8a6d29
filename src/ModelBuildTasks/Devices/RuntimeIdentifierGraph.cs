using System.Text.Json;
using ModelBuildTasks.Compression.Diagnostics;

namespace ModelBuildTasks.Devices;

/// <summary>
/// Which runtime identifiers a runtime identifier may be served by, nearest first (the SDK's runtime.json: linux-musl-arm64 → linux-musl, linux-arm64 → linux, unix-arm64 → unix → any → base).
/// </summary>
/// <param name="path">The SDK's file; read only when more than the identifier itself is asked for.</param>
internal sealed class RuntimeIdentifierGraph(string path)
{
    private Dictionary<string, string[]>? imports;

    /// <summary>The identifier and all it descends from: breadth first, so that a nearer one comes before a more general one. An identifier that the graph does not know is any.</summary>
    /// <exception cref="CompressionException">AIM1304: the graph cannot be read.</exception>
    public IEnumerable<string> Expand(string runtimeIdentifier)
    {
        yield return runtimeIdentifier;
        imports ??= Read();
        var reached = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { runtimeIdentifier };
        var waiting = new Queue<string>([runtimeIdentifier]);
        while (waiting.TryDequeue(out var next))
        {
            foreach (var parent in imports.TryGetValue(next, out var known) ? known : [])
            {
                if (reached.Add(parent))
                {
                    waiting.Enqueue(parent);
                    yield return parent;
                }
            }
        }

        if (!reached.Contains("any"))
        {
            yield return "any";
        }
    }

    private Dictionary<string, string[]> Read()
    {
        var graph = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var runtime in document.RootElement.GetProperty("runtimes").EnumerateObject())
            {
                graph[runtime.Name] = runtime.Value.TryGetProperty("#import", out var names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CompressionException(DiagnosticCodes.RuntimeIdentifierGraphUnreadable, path, $"The SDK's graph of runtime identifiers '{path}' cannot be read ({exception.Message.ReplaceLineEndings(" ")}). Repair the SDK, or set Device on the AiModel items to a profile's name.", exception);
        }

        return graph;
    }
}
