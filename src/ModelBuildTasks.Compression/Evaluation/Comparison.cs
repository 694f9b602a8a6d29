using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Evaluation;

/// <summary>How close a compressed model came to its original on the judged samples; what the models or the data cannot tell is null.</summary>
internal sealed record Comparison
{
    /// <summary>The accuracy; null where no output is float, so that nothing can be judged.</summary>
    public MetricReport? Metric { get; init; }

    /// <summary>20·log10(‖x‖ / ‖x − y‖) over all float outputs of all samples, in dB between −200 and 200.</summary>
    public double? SqnrDb { get; init; }

    /// <summary>The share of samples whose label is among the five highest scores of the original.</summary>
    public double? Top5Original { get; init; }

    /// <summary>The same for the compressed model.</summary>
    public double? Top5Compressed { get; init; }

    /// <summary>The share of samples on which both models choose the same class.</summary>
    public double? Agreement { get; init; }

    /// <summary>The mean over the samples of the cosine between the float outputs of both models.</summary>
    public double? Cosine { get; init; }

    /// <summary>The share of lines that a text recognizer reads right; null for other metrics.</summary>
    public LinesReport? Lines { get; init; }

    /// <summary>Each floating-point output for itself; none where none was compared.</summary>
    public IReadOnlyList<OutputReport> Outputs { get; init; } = [];

    /// <summary>How far both models are from what the samples expect; null where none expects anything.</summary>
    public ExpectedReport? Expected { get; init; }
}
