using System.Globalization;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>Counts samples as they are judged; its size does not depend on their number.</summary>
/// <param name="metric">The metric, not <see cref="Metric.Auto"/>.</param>
/// <param name="scores">The output that holds class scores, or −1.</param>
/// <param name="usesLabels">Whether classes count.</param>
/// <param name="texts">What reads the texts; null where no text is read.</param>
internal sealed class ComparisonTally(Metric metric, int scores, bool usesLabels, TextTally? texts)
{
    private readonly RightCount top1 = new();
    private readonly RightCount top5 = new();
    private readonly List<(string Name, OutputDistance Distance)> outputs = [];
    private readonly ExpectedTally expected = new();
    private OutputDistance distance;
    private int samples;
    private int disagreements;
    private double cosineLoss;
    private double squaredCosineLoss;

    /// <summary>Judges one sample.</summary>
    /// <exception cref="CompressionException">AIM1105: the label is no class of the model.</exception>
    public void Add(Sample sample, RunOutputs original, RunOutputs compressed)
    {
        var ofSample = default(OutputDistance);
        var scoresAreLost = false;
        var textIsLost = false;
        for (var output = 0; output < original.Count; output++)
        {
            var ofOutput = OutputDistance.Between(original.Values(output), compressed.Values(output));
            ofSample += ofOutput;
            if (output == outputs.Count)
            {
                outputs.Add((original.Name(output), default));
            }

            outputs[output] = (outputs[output].Name, outputs[output].Distance + ofOutput);
            scoresAreLost |= output == scores && ofOutput.IsLost;
            textIsLost |= output == texts?.Output && ofOutput.IsLost;
        }

        expected.Add(sample, original, compressed);
        texts?.Add(sample, original, compressed, textIsLost);
        samples++;
        distance += ofSample;
        var loss = 1 - ofSample.Cosine;
        cosineLoss += loss;
        squaredCosineLoss += loss * loss;
        if (scores >= 0)
        {
            // A sample of test data may be a whole batch: its first row stands for it, as it does where a model fixes its batch.
            var classes = (int)original.Shape(scores)[1];
            AddScores(sample, First(classes, original.Values(scores)), First(classes, compressed.Values(scores)), scoresAreLost);
        }
    }

    /// <summary>The result so far.</summary>
    public Comparison Result() => new()
    {
        Metric = Report(),
        SqnrDb = distance.SqnrDb,
        Cosine = 1 - (cosineLoss / samples),
        Outputs = outputs.ConvertAll(output => new OutputReport(output.Name, output.Distance.SqnrDb, output.Distance.Cosine)),
        Expected = expected.Report(),
        Agreement = scores >= 0 ? (double)(samples - disagreements) / samples : null,
        Lines = texts?.Lines(),
        Top5Original = usesLabels ? (double)top5.Original / samples : null,
        Top5Compressed = usesLabels ? (double)top5.Compressed / samples : null,
    };

    private static ReadOnlySpan<float> First(int count, ReadOnlySpan<float> values) => values[..Math.Min(count, values.Length)];

    private void AddScores(Sample sample, ReadOnlySpan<float> original, ReadOnlySpan<float> compressed, bool isLost)
    {
        disagreements += isLost || ClassScores.Best(original) != ClassScores.Best(compressed) ? 1 : 0;
        if (!usesLabels)
        {
            return;
        }

        if (sample.Label is not { } known || known < 0 || known >= original.Length)
        {
            throw new CompressionException(
                DiagnosticCodes.LabelsMismatch,
                sample.File,
                string.Create(CultureInfo.InvariantCulture, $"The label of sample {sample.Index} is {sample.Label?.ToString(CultureInfo.InvariantCulture) ?? "missing"}, but the model has the classes 0 to {original.Length - 1}. Correct the labels, or judge without them (Metric=\"agreement\")."));
        }

        top1.Add(ClassScores.IsAmongBest(original, known, 1), !isLost && ClassScores.IsAmongBest(compressed, known, 1));
        top5.Add(ClassScores.IsAmongBest(original, known, 5), !isLost && ClassScores.IsAmongBest(compressed, known, 5));
    }

    private MetricReport Report() => metric switch
    {
        Metric.Top1 => top1.Report("top1", samples),
        Metric.Top5 => top5.Report("top5", samples),
        Metric.Ctc => texts!.Report(),
        Metric.Agreement => Loss("agreement", (double)disagreements / samples, (double)(samples - disagreements) / samples, PairedInterval.OfShare(disagreements, samples)),
        _ => Loss("cosine", cosineLoss / samples, 1 - (cosineLoss / samples), PairedInterval.OfMean(cosineLoss, squaredCosineLoss, samples)),
    };

    private MetricReport Loss(string name, double drop, double compressed, (double Low, double High) interval) => new(name, samples, 1, compressed, drop, [interval.Low, interval.High]);

    /// <summary>How many samples each model has right, and how many only one of them.</summary>
    private sealed class RightCount
    {
        private int lost;
        private int gained;

        public int Original { get; private set; }

        public int Compressed { get; private set; }

        public void Add(bool original, bool compressed)
        {
            Original += original ? 1 : 0;
            Compressed += compressed ? 1 : 0;
            lost += original && !compressed ? 1 : 0;
            gained += compressed && !original ? 1 : 0;
        }

        public MetricReport Report(string name, int samples)
        {
            var (low, high) = PairedInterval.OfDrop(lost, gained, samples);
            // Divided once: 10 of 2000 is then the same double as the threshold "0.005", which a difference of two shares is not.
            return new MetricReport(name, samples, (double)Original / samples, (double)Compressed / samples, (double)(lost - gained) / samples, [low, high]);
        }
    }
}
