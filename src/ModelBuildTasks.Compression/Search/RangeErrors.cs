using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>How far the outputs of a compressed model are from the original's with any ranges, sample by sample. The original runs once; the samples and its outputs are kept, since a compressed archive is slow to read for each trial.</summary>
internal sealed class RangeErrors : IDisposable
{
    /// <summary>Bytes that are kept: samples beyond are left out.</summary>
    private const long MostKept = 64 << 20;

    private readonly RangedModel ranged;
    private readonly ModelSession session;
    private readonly IReadOnlyList<StatePair> states;
    private readonly List<(Sample Sample, float[][] Outputs)> kept;
    private readonly CancellationToken cancellationToken;

    private RangeErrors(RangedModel ranged, ModelSession session, IReadOnlyList<StatePair> states, List<(Sample Sample, float[][] Outputs)> kept, CancellationToken cancellationToken)
    {
        this.ranged = ranged;
        this.session = session;
        this.states = states;
        this.kept = kept;
        this.cancellationToken = cancellationToken;
    }

    /// <summary>The values whose ranges decide something, in the order of the graph.</summary>
    public IReadOnlyList<string> Values => ranged.Values;

    /// <summary>How many samples there are.</summary>
    public int Count => kept.Count;

    /// <summary>Makes the model of a plan and runs the original.</summary>
    /// <param name="searched">The model.</param>
    /// <param name="pass">What compresses it.</param>
    /// <param name="activations">The activations of its plan.</param>
    /// <param name="samples">Samples that calibrated.</param>
    /// <param name="indices">Those to use.</param>
    /// <param name="cancellationToken">Ends every run early.</param>
    public static RangeErrors Open(SearchedModel searched, PostTrainingQuantization pass, IReadOnlyList<QuantizedActivation> activations, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        var kept = RunOriginal(searched, samples, indices, cancellationToken);
        var path = Path.Combine(searched.WorkFolder, "ranged.onnx");
        using var model = searched.Load();
        pass.Apply(model, searched.Context);
        var ranged = RangedModel.Of(model, activations);
        model.Save(path);
        var session = ModelSession.Open(path, new SessionSettings { IntegerOperators = false, ReportedPath = searched.ModelPath });
        return new RangeErrors(ranged, session, samples.States, kept, cancellationToken);
    }

    /// <summary>Σ (x − y)² over all outputs, for one sample after the other; each is run when it is asked for.</summary>
    /// <param name="ranges">The ranges.</param>
    public IEnumerable<double> Of(IReadOnlyDictionary<string, ValueRange> ranges)
    {
        var (outputs, _) = RunOutputs.Of(session, [], states);
        var given = ranged.Inputs(ranges).ToArray();
        foreach (var (sample, before) in kept)
        {
            outputs.Run(sample with { Inputs = new Dictionary<string, ModelValue>(sample.Inputs.Concat(given), StringComparer.Ordinal) }, cancellationToken);
            yield return before.Select((values, output) => OutputDistance.Between(values, outputs.Values(output)).Noise).Sum();
        }
    }

    public void Dispose() => session.Dispose();

    private static List<(Sample Sample, float[][] Outputs)> RunOriginal(SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        using var original = ModelSession.Open(searched.ModelPath, new SessionSettings());
        var (outputs, _) = RunOutputs.Of(original, [], samples.States);
        var kept = new List<(Sample, float[][])>();
        var bytes = 0L;
        foreach (var sample in samples.Read(indices))
        {
            outputs.Run(sample, cancellationToken);
            float[][] values = [.. Enumerable.Range(0, outputs.Count).Select(output => outputs.Values(output).ToArray())];
            bytes += sample.Inputs.Values.OfType<TensorValue>().Sum(input => (long)input.Bytes.Length) + values.Sum(output => (long)sizeof(float) * output.Length);
            if (bytes > MostKept)
            {
                break;
            }

            kept.Add((sample, values));
        }

        return kept;
    }
}
