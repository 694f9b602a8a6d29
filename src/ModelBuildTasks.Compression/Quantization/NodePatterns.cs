using System.IO.Enumeration;

namespace ModelBuildTasks.Compression.Quantization;

/// <summary>Names of nodes with the wildcards * (any characters) and ? (one character), compared with case.</summary>
internal static class NodePatterns
{
    public static bool Match(IReadOnlyList<string> patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(Escape(pattern), name, ignoreCase: false));

    // A backslash is the expression's escape character, and a letter to us.
    private static string Escape(string pattern) => pattern.Replace("\\", "\\\\", StringComparison.Ordinal);
}
