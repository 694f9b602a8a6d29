using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Search;

/// <summary>How far the outputs of a compressed model are from the original's with any ranges, sample by sample. The original runs once, and its outputs are kept.</summary>
internal sealed class RangeErrors : IDisposable
{
    /// <summary>Outputs that are kept, in floats: samples beyond are left out.</summary>
    private const long MostKept = 16 << 20;

    private readonly RangedModel ranged;
    private readonly ModelSession session;
    private readonly SampleSet samples;
    private readonly IReadOnlyList<int> indices;
    private readonly List<float[][]> expected;
    private readonly CancellationToken cancellationToken;

    private RangeErrors(RangedModel ranged, ModelSession session, SampleSet samples, IReadOnlyList<int> indices, List<float[][]> expected, CancellationToken cancellationToken)
    {
        this.ranged = ranged;
        this.session = session;
        this.samples = samples;
        this.indices = indices;
        this.expected = expected;
        this.cancellationToken = cancellationToken;
    }

    /// <summary>The values whose ranges decide something, in the order of the graph.</summary>
    public IReadOnlyList<string> Values => ranged.Values;

    /// <summary>How many samples there are.</summary>
    public int Count => expected.Count;

    /// <summary>Makes the model of a plan and runs the original.</summary>
    /// <param name="searched">The model.</param>
    /// <param name="activations">The activations of its plan with every layer as <see cref="FormatAssignment.Int8"/>.</param>
    /// <param name="samples">Samples that calibrated.</param>
    /// <param name="indices">Those to use.</param>
    /// <param name="cancellationToken">Ends every run early.</param>
    public static RangeErrors Open(SearchedModel searched, IReadOnlyList<QuantizedActivation> activations, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        var expected = Expected(searched, samples, indices, cancellationToken);
        var path = Path.Combine(searched.WorkFolder, "ranged.onnx");
        using var model = searched.Load();
        new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, searched.Context);
        var ranged = RangedModel.Of(model, activations);
        model.Save(path);
        var session = ModelSession.Open(path, new SessionSettings { IntegerOperators = false, ReportedPath = searched.ModelPath });
        return new RangeErrors(ranged, session, samples, [.. indices.Take(expected.Count)], expected, cancellationToken);
    }

    /// <summary>Σ (x − y)² over all outputs, for one sample after the other; each is run when it is asked for.</summary>
    /// <param name="ranges">The ranges.</param>
    public IEnumerable<double> Of(IReadOnlyDictionary<string, ValueRange> ranges)
    {
        var (outputs, _) = RunOutputs.Of(session, [], samples.States);
        var given = ranged.Inputs(ranges).ToArray();
        foreach (var (sample, before) in samples.Read(indices).Zip(expected))
        {
            outputs.Run(sample with { Inputs = new Dictionary<string, ModelValue>(sample.Inputs.Concat(given), StringComparer.Ordinal) }, cancellationToken);
            yield return before.Select((values, output) => OutputDistance.Between(values, outputs.Values(output)).Noise).Sum();
        }
    }

    public void Dispose() => session.Dispose();

    private static List<float[][]> Expected(SearchedModel searched, SampleSet samples, IReadOnlyList<int> indices, CancellationToken cancellationToken)
    {
        using var original = ModelSession.Open(searched.ModelPath, new SessionSettings());
        var (outputs, _) = RunOutputs.Of(original, [], samples.States);
        var expected = new List<float[][]>();
        var kept = 0L;
        foreach (var sample in samples.Read(indices))
        {
            outputs.Run(sample, cancellationToken);
            kept += Enumerable.Range(0, outputs.Count).Sum(output => (long)outputs.Values(output).Length);
            if (kept > MostKept)
            {
                break;
            }

            expected.Add([.. Enumerable.Range(0, outputs.Count).Select(output => outputs.Values(output).ToArray())]);
        }

        return expected;
    }
}
