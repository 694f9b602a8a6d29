using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;

namespace ModelBuildTasks.Compression.Quantization.IntegerOnly;

/// <summary>What prevents a model from computing on integers only.</summary>
/// <param name="Operator">The operator's type; "input" or "output" for a port of the model.</param>
/// <param name="Name">The node's name, or its first output where it has none.</param>
/// <param name="Reason">Why it has to be float.</param>
internal sealed record Obstacle(string Operator, string Name, string Reason)
{
    private const int Most = 10;

    /// <summary>The error that names the obstacles, at most ten of them.</summary>
    public static CompressionException Error(OnnxModel model, IReadOnlyList<Obstacle> obstacles)
    {
        var list = string.Join("; ", obstacles.Take(Most).Select(obstacle => $"{obstacle.Operator} '{obstacle.Name}' ({obstacle.Reason})"));
        var more = obstacles.Count > Most ? $"; and {obstacles.Count - Most} more" : "";
        var kept = obstacles.Any(obstacle => obstacle.Reason == Reasons.KeptFloat) ? "KeepFloat contradicts IntegerOnly: remove one of them. " : "";
        return new CompressionException(
            DiagnosticCodes.IntegerOnlyNotPossible,
            model.Path,
            $"'{model.Path}' cannot compute on integers only: {list}{more}. {kept}Remove IntegerOnly, or export the model with operators that have an integer form (docs/techniques/quantization.md lists them).");
    }
}
