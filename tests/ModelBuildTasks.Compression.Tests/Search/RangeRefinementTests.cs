using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Search;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Compressing;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Search;

[TestClass]
public sealed class RangeRefinementTests : IDisposable
{
    /// <summary>The activation between the two layers.</summary>
    private const string Hidden = "r";

    private readonly SmallJob job = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        folder.Dispose();
        job.Dispose();
    }

    [TestMethod]
    public void A_range_that_clips_too_much_is_widened()
    {
        var searched = Searched(narrowed: 0.3f);
        var refined = Refine(searched);

        Assert.IsGreaterThan(1.3f * searched.Ranges.Ranges[Hidden].Maximum, refined.Ranges[Hidden].Maximum);
        Assert.IsLessThan(Error(searched, searched.Ranges) / 2, Error(searched, refined));
    }

    [TestMethod]
    public void A_range_of_everything_that_was_observed_stays()
    {
        var searched = Searched(narrowed: 1);
        Assert.AreEqual(searched.Ranges.Ranges[Hidden], Refine(searched).Ranges[Hidden]);
    }

    [TestMethod]
    public void What_is_told_beside_ranges_stays()
    {
        var searched = Searched(narrowed: 0.3f);
        var refined = Refine(searched);

        Assert.AreSame(searched.Ranges.Means, refined.Means);
        Assert.AreEqual(searched.Ranges.Method, refined.Method);
        CollectionAssert.AreEquivalent(searched.Ranges.Ranges.Keys.ToArray(), refined.Ranges.Keys.ToArray());
    }

    [TestMethod]
    public void Refined_twice_the_ranges_are_the_same()
    {
        var searched = Searched(narrowed: 0.3f);
        CollectionAssert.AreEqual(Sorted(Refine(searched)), Sorted(Refine(searched)));
    }

    [TestMethod]
    public void The_least_effort_changes_nothing()
    {
        var searched = Searched(narrowed: 0.3f);
        Assert.AreSame(searched.Ranges, Refine(searched, Effort.Balanced));
    }

    [TestMethod]
    public void Too_few_samples_change_nothing()
    {
        var searched = Searched(narrowed: 0.3f);
        Assert.AreSame(searched.Ranges, Refine(searched, samples: RefinementLimits.LeastSamples - 1));
    }

    [TestMethod]
    public void A_cancelled_refinement_ends()
    {
        var searched = Searched(narrowed: 0.3f);
        Assert.ThrowsExactly<OperationCanceledException>(() => RangeRefinement.Refine(searched, new PostTrainingQuantization(FormatAssignment.Int8), Samples(), Indices(40), Effort.Best, null, new CancellationToken(canceled: true)));
    }

    [TestMethod]
    public void The_float_form_of_a_compressed_model_computes_what_its_integer_form_does()
    {
        var searched = Searched(narrowed: 1);
        var path = folder.File("integer.onnx");
        using (var model = searched.Load())
        {
            new PostTrainingQuantization(FormatAssignment.Int8).Apply(model, searched.Context);
            model.Save(path);
        }

        using var original = ModelSession.Open(job.ModelPath, new SessionSettings());
        using var integer = ModelSession.Open(path, new SessionSettings());
        var outputs = Compression.Evaluation.RunOutputs.Of(original, [integer], []);
        var expected = 0.0;
        foreach (var sample in Samples().Read(Indices(40)))
        {
            outputs.Original.Run(sample, CancellationToken.None);
            outputs.Compressed[0].Run(sample, CancellationToken.None);
            expected += Compression.Evaluation.OutputDistance.Between(outputs.Original.Values(0), outputs.Compressed[0].Values(0)).Noise;
        }

        Assert.AreEqual(expected, Error(searched, searched.Ranges), 0.05 * expected);
    }

    [TestMethod]
    [DataRow(0.0, 10, 16)]
    [DataRow(1e6, 10, 500)]
    [DataRow(1e7, 10, 50)]
    [DataRow(4e7, 10, 0)]
    public void The_number_of_samples_keeps_all_runs_within_the_limit(double nanoseconds, int trials, int samples) =>
        Assert.AreEqual(samples, RefinementLimits.Of(Effort.Best).Judging(nanoseconds, trials));

    [TestMethod]
    public void A_gain_of_one_sample_among_many_is_no_significant_one()
    {
        double[] before = [100, 1, 1, 1, 1, 1, 1, 1, 1];
        double[] after = [10, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 1.1];
        Assert.IsLessThan(1.5, PairedGain.Significance(before, after));
    }

    [TestMethod]
    public void The_significance_of_a_gain_is_its_mean_in_standard_errors() =>
        // Gains 1, 2, 3: mean 2, deviation 1, standard error 1 / √3.
        Assert.AreEqual(2 * Math.Sqrt(3), PairedGain.Significance([3, 4, 5], [2, 2, 2]), 1e-12);

    private static ValueRange[] Sorted(ActivationRanges ranges) => [.. ranges.Ranges.OrderBy(range => range.Key, StringComparer.Ordinal).Select(range => range.Value)];

    private static int[] Indices(int count) => [.. Enumerable.Range(0, count)];

    private ActivationRanges Refine(SearchedModel searched, Effort effort = Effort.Best, int samples = 40) =>
        RangeRefinement.Refine(searched, new PostTrainingQuantization(FormatAssignment.Int8), Samples(), Indices(samples), effort, null, CancellationToken.None);

    private double Error(SearchedModel searched, ActivationRanges ranges)
    {
        using var model = searched.Load();
        var graph = model.EditGraph();
        PostTrainingQuantization.Prepare(model, graph, searched.Ranges, [], FormatAssignment.Int8);
        graph.Commit();
        var plan = QuantizationPlanner.Plan(graph, model.Opset, searched.Ranges, [], searched.Context.Device.Costs, FormatAssignment.Int8);
        using var errors = RangeErrors.Open(searched, new PostTrainingQuantization(FormatAssignment.Int8), plan.Activations, Samples(), Indices(40), CancellationToken.None);
        return errors.Of(ranges.Ranges).Sum();
    }

    private SampleSet Samples()
    {
        using var session = ModelSession.Open(job.ModelPath, SessionSettings.OnlyLoad);
        return SampleSet.Open([job.DataPath], session.Ports, new ImageOptions());
    }

    /// <summary>The small model, with the observed range of what is between its layers narrowed by a factor.</summary>
    private SearchedModel Searched(float narrowed)
    {
        var simplified = folder.File("simplified.onnx");
        using var model = RuntimeSimplification.Load(job.ModelPath, folder.Path, simplified);
        var observed = RangeCollector.Collect(model, Samples(), Indices(40), CalibrationMethod.MinMax, null, CancellationToken.None);
        var ranges = observed.Ranges.ToDictionary(range => range.Key, range => range.Key == Hidden ? new ValueRange(range.Value.Minimum, narrowed * range.Value.Maximum) : range.Value, StringComparer.Ordinal);
        return new SearchedModel(new PreparedModel(job.ModelPath, simplified, PrunedPath: null, folder.Path), IsEqualized: false, new PassContext(DeviceProfiles.WithoutCosts, observed with { Ranges = ranges }, [], CancellationToken.None));
    }
}
