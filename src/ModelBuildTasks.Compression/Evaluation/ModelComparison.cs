using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Runs an original and the models made from it over the same samples.</summary>
internal static class ModelComparison
{
    /// <summary>Compares two models; see the other overload.</summary>
    public static Comparison Compare(ModelSession original, ModelSession compressed, SampleSet samples, IReadOnlyList<int> indices, Metric metric, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Compare(original, [compressed], samples, indices, metric, keys: null, progress, cancellationToken)[0];

    /// <summary>
    /// Compares a model with each of several made from it, sample by sample: the original runs once for all of them, and memory does not grow with the number of samples. The first floating-point output that has
    /// a score for each of two or more classes ([batch, classes] or [batch, classes, 1, 1]) holds the class scores.
    /// </summary>
    /// <param name="original">The model before.</param>
    /// <param name="compressed">The models after, with the same inputs and outputs.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="indices">The samples that judge; none of them may have calibrated.</param>
    /// <param name="metric">What the accuracy is.</param>
    /// <param name="keys">What the classes of a text recognizer stand for; null for other models.</param>
    /// <param name="progress">Is told the share of judged samples.</param>
    /// <param name="cancellationToken">Ends the comparison early.</param>
    /// <returns>One comparison for each compressed model, in their order.</returns>
    /// <exception cref="CompressionException">AIM1105: labels are missing or no class of the model. AIM1107: no samples. AIM1109: the keys are not those of the model. AIM1201: the model has no output that the metric needs.</exception>
    public static IReadOnlyList<Comparison> Compare(
        ModelSession original, IReadOnlyList<ModelSession> compressed, SampleSet samples, IReadOnlyList<int> indices, Metric metric, TextKeys? keys, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (indices.Count == 0)
        {
            throw new CompressionException(DiagnosticCodes.DataEmpty, null, "There is no sample to judge the compressed model with. Add samples to Validation or Calibration.");
        }

        var (before, afters) = RunOutputs.Of(original, compressed, samples.States);
        var tallies = new ComparisonTally[afters.Length];
        var judged = 0;
        foreach (var sample in samples.Read(indices))
        {
            before.Run(sample, cancellationToken);
            for (var model = 0; model < afters.Length; model++)
            {
                if ((tallies[model] ??= Tally(metric, keys, before, samples)!) is null)
                {
                    return Array.ConvertAll(afters, _ => new Comparison());
                }

                afters[model].Run(sample, cancellationToken);
                tallies[model].Add(sample, before, afters[model]);
            }

            progress?.Report((double)++judged / indices.Count);
        }

        return Array.ConvertAll(tallies, tally => tally.Result());
    }

    /// <summary>The tally of a metric; null where no output can be compared and no metric was asked for.</summary>
    private static ComparisonTally? Tally(Metric metric, TextKeys? keys, RunOutputs outputs, SampleSet samples)
    {
        var scores = Enumerable.Range(0, outputs.Count).FirstOrDefault(output => ClassScores.HasShape(outputs.Shape(output)), -1);
        var name = metric.ToString().ToLowerInvariant();
        if (outputs.Count == 0)
        {
            return metric == Metric.Auto ? null : throw Unfit($"Metric=\"{name}\" needs an output of floating-point numbers, and the model has none. Leave Metric out; the accuracy is then not checked.");
        }

        if (keys is not null && (metric == Metric.Ctc || (metric == Metric.Auto && samples.HasTexts)))
        {
            return samples.HasLabels
                ? throw new CompressionException(DiagnosticCodes.LabelsMismatch, null, "Metric=\"ctc\" compares texts, and the labels of the data are class numbers. Give the texts as labels (an array of str, a column of a .csv file, or labels.txt in a folder of images), or remove the labels.")
                : new ComparisonTally(Metric.Ctc, scores, usesLabels: false, new TextTally(keys, CtcOutput.Find(outputs, keys)));
        }

        if (metric == Metric.Auto)
        {
            metric = scores < 0 ? Metric.Cosine : samples.HasLabels ? Metric.Top1 : Metric.Agreement;
        }
        else if (metric != Metric.Cosine && scores < 0)
        {
            throw Unfit($"Metric=\"{name}\" needs an output of class scores, of shape [batch, classes], and the model has none. Use Metric=\"cosine\".");
        }

        var needsLabels = metric is Metric.Top1 or Metric.Top5;
        return needsLabels && !samples.HasLabels
            ? throw new CompressionException(DiagnosticCodes.LabelsMismatch, null, $"Metric=\"{name}\" needs labels, and the data has none. Add an array 'labels' (or folders named after classes), or use Metric=\"agreement\".")
            : new ComparisonTally(metric, scores, needsLabels, texts: null);
    }

    private static CompressionException Unfit(string message) => new(DiagnosticCodes.MetadataValueUnknown, null, message);
}
