using ModelBuildTasks.Compression.Evaluation;

namespace ModelBuildTasks.Compression.Search;

/// <summary>What a search must keep, and what it minimises then.</summary>
/// <param name="Metric">What the accuracy is.</param>
/// <param name="Keys">What the classes of a text recognizer stand for; null for other models.</param>
/// <param name="MaxAccuracyDrop">The greatest drop of the metric, a fraction between 0 and 1.</param>
/// <param name="MinSqnr">The least SQNR in dB; null where the metric alone counts.</param>
/// <param name="Minimised">What is minimised among the assignments that keep both.</param>
internal sealed record SearchGoal(Metric Metric, TextKeys? Keys, double MaxAccuracyDrop, double? MinSqnr, OptimizationGoal Minimised)
{
    /// <summary>The judged samples are others than those of the search: their SQNR differs by some tenths of a decibel.</summary>
    private const double SqnrMargin = 0.5;

    /// <summary>Whether an assignment keeps the accuracy on the samples of the search.</summary>
    public bool IsKeptBy(Comparison comparison) =>
        comparison.Metric is { } metric && metric.Drop <= MaxAccuracyDrop && (MinSqnr is null || comparison.SqnrDb >= MinSqnr + SqnrMargin);
}
