using ModelBuildTasks.Compression.Reporting;

namespace Benchmarks.Formats;

/// <summary>What a form made of a model.</summary>
/// <param name="Form">The form.</param>
/// <param name="Refused">The code of the error in place of everything else; null where the model was made.</param>
/// <param name="ModelPath">The model that was made; null where it was refused.</param>
/// <param name="Ratio">Original / compressed bytes.</param>
/// <param name="SqnrDb">Over all outputs of the judged samples.</param>
/// <param name="Metric">The accuracy.</param>
internal sealed record TableCell(string Form, string? Refused, string? ModelPath, double Ratio, double? SqnrDb, MetricReport? Metric)
{
    /// <summary>Original / compressed time, the median over the rounds: above 1 is faster. Null until it was measured.</summary>
    public double? Speedup { get; init; }

    public static TableCell OfRefusal(string form, string code) => new(form, code, null, 0, null, null);
}
