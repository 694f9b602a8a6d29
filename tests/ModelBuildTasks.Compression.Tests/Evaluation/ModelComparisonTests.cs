using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation;

[TestClass]
public sealed class ModelComparisonTests
{
    // The compressed model of these tests loses the third score: the third sample goes from right to wrong, the fourth from wrong to right.
    private static readonly float[][] Rows = [[3, 2, 1], [1, 3, 2], [1, 2, 3], [1, 2, 3]];
    private static readonly int?[] Labels = [0, 1, 2, 1];

    [TestMethod]
    public void Each_output_has_numbers_of_its_own()
    {
        static ModelBuilder Model(float small) => ModelPair.Rows(1).Constant("large", [1e6f], 1).Constant("small", [small], 1)
            .Node("Mul", ["x", "large"], ["huge"]).Node("Mul", ["x", "small"], ["tiny"]).Output("huge", DataType.Float, "batch", 1).Output("tiny", DataType.Float, "batch", 1);
        using var pair = new ModelPair(Model(1), Model(-0.1f));

        var comparison = pair.Compare(new InMemorySamples([[1], [2]]));

        // 20·log10(1 / 1.1) of the small output, which the large one hides in the number over all.
        Assert.AreEqual("huge tiny", string.Join(' ', comparison.Outputs.Select(output => output.Name)));
        Assert.AreEqual(200, comparison.Outputs[0].SqnrDb);
        Assert.AreEqual(-0.8279, comparison.Outputs[1].SqnrDb, 1e-4);
        Assert.AreEqual(-1, comparison.Outputs[1].Cosine, 1e-9);
        Assert.IsGreaterThan(100, comparison.SqnrDb!.Value);
    }

    [TestMethod]
    public void The_tensors_of_a_sequence_are_compared_one_after_another()
    {
        static ModelBuilder Model(float factor)
        {
            var model = ModelPair.Rows(2).Constant("c", [1f, factor], 2).Node("Mul", ["x", "c"], ["scaled"]).Node("SequenceConstruct", ["x", "scaled"], ["list"]);
            return model.SequenceOutput("list", DataType.Float);
        }

        using var pair = new ModelPair(Model(1), Model(0));

        var comparison = pair.Compare(new InMemorySamples([[1, 1]]));

        // Of the four ones of both tensors one became zero.
        Assert.AreEqual("cosine", comparison.Metric!.Name);
        Assert.AreEqual(10 * Math.Log10(4), comparison.SqnrDb!.Value, 1e-6);
    }

    [TestMethod]
    public void Each_model_carries_its_own_states()
    {
        using var pair = new ModelPair(CounterModel.Create(), CounterModel.Create(factor: 0));
        using var folder = new TemporaryFolder();
        var samples = SampleSet.Open([folder.Write("data.npz", Npy.Archive(("x", Npy.Array([1f, 2], 2, 1))))], pair.Original.Ports, new ImageOptions());

        var outputs = pair.Compare(samples).Outputs;

        // The sums 1 and 3 became 1 and 2.
        Assert.AreEqual(10 * Math.Log10(10), outputs[1].SqnrDb, 1e-6);
        Assert.AreEqual("state_out", outputs[1].Name);
    }

    [TestMethod]
    public void With_labels_the_metric_is_top_1_of_both_models()
    {
        using var pair = ModelPair.Scaled(1, 1, 0);

        var metric = pair.Compare(new InMemorySamples(Rows, Labels)).Metric!;

        Assert.AreEqual(new MetricReport("top1", 4, 0.75, 0.75, 0, metric.Interval), metric);
        // One lost and one gained of four: the interval is symmetric about no drop.
        Assert.AreEqual(-metric.Interval[0], metric.Interval[1], 1e-12);
        Assert.IsGreaterThan(0.25, metric.Interval[1]);
    }

    [TestMethod]
    public void Only_the_samples_with_the_given_positions_judge()
    {
        using var pair = ModelPair.Scaled(1, 1, 0);

        var metric = pair.Compare(new InMemorySamples(Rows, Labels), [0, 1, 2]).Metric!;

        Assert.AreEqual(3, metric.Samples);
        Assert.AreEqual(1.0, metric.Original);
        Assert.AreEqual(2.0 / 3, metric.Compressed);
        Assert.AreEqual(1.0 / 3, metric.Drop);
    }

    [TestMethod]
    public void Sqnr_cosine_and_agreement_are_those_computed_by_hand()
    {
        using var pair = ModelPair.Scaled(1, 1, 0);

        var comparison = pair.Compare(new InMemorySamples(Rows, Labels));

        // Signal 4 · (1 + 4 + 9) = 56, noise 1 + 4 + 9 + 9 = 23.
        Assert.AreEqual(10 * Math.Log10(56.0 / 23), comparison.SqnrDb!.Value, 1e-9);
        Assert.AreEqual((Math.Sqrt(13.0 / 14) + Math.Sqrt(10.0 / 14) + (2 * Math.Sqrt(5.0 / 14))) / 4, comparison.Cosine!.Value, 1e-9);
        Assert.AreEqual(0.5, comparison.Agreement);
    }

    [TestMethod]
    public void The_first_row_stands_for_a_sample_that_is_a_batch()
    {
        using var pair = ModelPair.Scaled(1, 1, 0);
        float[] agreesInItsFirstRow = [3, 2, 1, 1, 2, 9];

        var comparison = pair.Compare(new InMemorySamples([Rows[0], agreesInItsFirstRow], [0, 0], width: 3));

        Assert.AreEqual(1.0, comparison.Agreement);
        Assert.AreEqual(1.0, comparison.Metric!.Original);
    }

    [TestMethod]
    public void Without_labels_the_metric_is_agreement()
    {
        using var pair = ModelPair.Scaled(1, 1, 0);

        var comparison = pair.Compare(new InMemorySamples(Rows));

        var metric = comparison.Metric!;
        Assert.AreEqual(new MetricReport("agreement", 4, 1, 0.5, 0.5, metric.Interval), metric);
        Assert.IsGreaterThan(0, metric.Interval[0]);
        Assert.IsLessThan(1, metric.Interval[1]);
        Assert.IsNull(comparison.Top5Original);
        Assert.IsNull(comparison.Top5Compressed);
    }

    [TestMethod]
    public void Without_class_scores_the_metric_is_cosine()
    {
        using var pair = new ModelPair(ModelPair.Identity(1), ModelPair.Applied("Add", 1));

        var comparison = pair.Compare(new InMemorySamples([[1], [-2], [-1]], [0, 1, 2]));

        // The cosines of single numbers are their signs: 2 against 1, −1 against −2, 0 against −1.
        Assert.AreEqual("cosine", comparison.Metric!.Name);
        Assert.AreEqual(2.0 / 3, comparison.Metric.Compressed, 1e-12);
        Assert.AreEqual(1.0 / 3, comparison.Metric.Drop, 1e-12);
        Assert.IsNull(comparison.Agreement);
    }

    [TestMethod]
    public void Top_5_counts_labels_among_the_five_highest_scores()
    {
        using var pair = ModelPair.Scaled(1, 1, 1, 1, 1, 1, 0);
        float[] row = [1, 2, 3, 4, 5, 6, 7];

        // Best five of the original: classes 2 to 6; of the compressed model: 1 to 5.
        var comparison = pair.Compare(new InMemorySamples([row, row, row, row], [0, 1, 6, 5]), Metric.Top5);

        Assert.AreEqual("top5", comparison.Metric!.Name);
        Assert.AreEqual(0.5, comparison.Top5Original);
        Assert.AreEqual(0.5, comparison.Top5Compressed);
        Assert.AreEqual(0.5, comparison.Metric.Original);
        Assert.AreEqual(0.0, comparison.Metric.Drop);
    }

    [TestMethod]
    public void Equal_models_agree_everywhere_with_the_highest_sqnr()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        var comparison = pair.Compare(new InMemorySamples(Rows, Labels));

        Assert.AreEqual(200.0, comparison.SqnrDb);
        Assert.AreEqual(1.0, comparison.Cosine);
        Assert.AreEqual(1.0, comparison.Agreement);
        Assert.AreEqual(0.0, comparison.Metric!.Drop);
    }

    [TestMethod]
    public void Outputs_that_are_not_numbers_any_more_are_all_noise()
    {
        // 0 / 0 is NaN and 1 / 0 is infinite.
        using var pair = new ModelPair(ModelPair.Identity(2), ModelPair.Applied("Div", 0, 1));

        var comparison = pair.Compare(new InMemorySamples([[0, 1], [1, 0]], [1, 0]));

        Assert.AreEqual(0.0, comparison.SqnrDb);
        Assert.AreEqual(0.0, comparison.Cosine);
        Assert.AreEqual(0.0, comparison.Agreement);
        Assert.AreEqual(1.0, comparison.Metric!.Original);
        Assert.AreEqual(0.0, comparison.Metric.Compressed);
        Assert.AreEqual(1.0, comparison.Metric.Drop);
    }

    [TestMethod]
    public void Class_scores_may_have_two_trailing_axes_of_one()
    {
        using var pair = new ModelPair(Reshaped("Identity"), Reshaped("Neg"));

        var metric = pair.Compare(new InMemorySamples([[1, 3, 2]], [1])).Metric!;

        Assert.AreEqual("top1", metric.Name);
        Assert.AreEqual(1.0, metric.Original);
        Assert.AreEqual(0.0, metric.Compressed);

        static ModelBuilder Reshaped(string operation) => ModelPair.Rows(3)
            .Constant("shape", [0L, 3, 1, 1], 4)
            .Node(operation, ["x"], ["z"])
            .Node("Reshape", ["z", "shape"], ["y"])
            .Output("y", DataType.Float, "batch", 3, 1, 1);
    }

    [TestMethod]
    public void The_first_output_of_class_scores_is_judged_and_all_float_outputs_count_in_the_sqnr()
    {
        using var pair = new ModelPair(TwoOutputs("Identity"), TwoOutputs("Neg"));

        var comparison = pair.Compare(new InMemorySamples([[1, 3]], [1]));

        // The sum (4 against 4) comes first and is no class score; the scores are (1, 3) against (−1, −3).
        Assert.AreEqual(1.0, comparison.Metric!.Drop);
        Assert.AreEqual(10 * Math.Log10(26.0 / 40), comparison.SqnrDb!.Value, 1e-9);

        static ModelBuilder TwoOutputs(string operation) => ModelPair.Rows(2)
            .Node("ReduceL1", ["x"], ["sum"])
            .Node("Shape", ["x"], ["shape"])
            .Node(operation, ["x"], ["scores"])
            .Output("sum", 1, 1)
            .Output("shape", DataType.Int64, 2)
            .Output("scores", DataType.Float, "batch", 2);
    }

    [TestMethod]
    public void Half_precision_and_double_outputs_are_judged_as_floats()
    {
        foreach (var type in new[] { DataType.Float16, DataType.Double })
        {
            using var pair = new ModelPair(CastTo(type, "Identity"), CastTo(type, "Neg"));

            var comparison = pair.Compare(new InMemorySamples([[1, 3]], [1]));

            Assert.AreEqual(1.0, comparison.Metric!.Drop);
            Assert.AreEqual(10 * Math.Log10(10.0 / 40), comparison.SqnrDb!.Value, 1e-9);
        }

        static ModelBuilder CastTo(DataType type, string operation) => ModelPair.Rows(2)
            .Node(operation, ["x"], ["z"])
            .Node("Cast", ["z"], ["y"], ("to", (int)type))
            .Output("y", type, "batch", 2);
    }

    [TestMethod]
    public void A_model_without_float_outputs_is_not_judged()
    {
        using var pair = new ModelPair(Shape(), Shape());

        Assert.AreEqual(new Comparison(), pair.Compare(new InMemorySamples([[1, 3]], [1])));
        AssertRefused(DiagnosticCodes.MetadataValueUnknown, "Metric=\"cosine\"", () => pair.Compare(new InMemorySamples([[1, 3]]), Metric.Cosine));

        static ModelBuilder Shape() => ModelPair.Rows(2).Node("Shape", ["x"], ["y"]).Output("y", DataType.Int64, 2);
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(-1)]
    [DataRow(null)]
    public void A_label_that_is_no_class_is_refused(int? label)
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        AssertRefused(DiagnosticCodes.LabelsMismatch, "sample 1", () => pair.Compare(new InMemorySamples(Rows, [0, label, 2, 1])));
    }

    [TestMethod]
    public void Labels_do_not_matter_to_metrics_without_them()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        Assert.AreEqual("agreement", pair.Compare(new InMemorySamples(Rows, [0, 99, 2, 1]), Metric.Agreement).Metric!.Name);
        Assert.AreEqual("cosine", pair.Compare(new InMemorySamples(Rows, [0, 99, 2, 1]), Metric.Cosine).Metric!.Name);
    }

    [TestMethod]
    [DataRow(Metric.Top1)]
    [DataRow(Metric.Top5)]
    public void A_metric_of_labels_without_labels_is_refused(Metric metric)
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        AssertRefused(DiagnosticCodes.LabelsMismatch, "labels", () => pair.Compare(new InMemorySamples(Rows), metric));
    }

    [TestMethod]
    [DataRow(Metric.Top1)]
    [DataRow(Metric.Top5)]
    [DataRow(Metric.Agreement)]
    public void A_metric_of_classes_without_class_scores_is_refused(Metric metric)
    {
        using var pair = new ModelPair(ModelPair.Identity(1), ModelPair.Identity(1));

        AssertRefused(DiagnosticCodes.MetadataValueUnknown, "class scores", () => pair.Compare(new InMemorySamples([[1]], [0]), metric));
    }

    [TestMethod]
    public void Nothing_to_judge_with_is_refused()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        AssertRefused(DiagnosticCodes.DataEmpty, "no sample", () => pair.Compare(new InMemorySamples(Rows), indices: []));
    }

    [TestMethod]
    public void A_lost_output_is_our_fault()
    {
        using var pair = new ModelPair(ModelPair.Identity(2), ModelPair.Rows(2).Node("Identity", ["x"], ["other"]).Output("other", DataType.Float, "batch", 2));

        AssertRefused(DiagnosticCodes.CompressedModelDoesNotRun, "'y'", () => pair.Compare(new InMemorySamples([[1, 2]])));
    }

    [TestMethod]
    public void A_cancelled_comparison_stops()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);
        using var cancellation = new CancellationTokenSource();
        var shares = new List<double>();
        var progress = new Reporter(share =>
        {
            shares.Add(share);
            cancellation.Cancel();
        });

        Assert.ThrowsExactly<OperationCanceledException>(() => ModelComparison.Compare(pair.Original, pair.Compressed, new InMemorySamples(Rows), [0, 1, 2, 3], Metric.Auto, progress, cancellation.Token));
        CollectionAssert.AreEqual(new[] { 0.25 }, shares);
    }

    private static void AssertRefused(string code, string words, Action compare)
    {
        var exception = Assert.ThrowsExactly<CompressionException>(compare);
        Assert.AreEqual(code, exception.Code);
        Assert.Contains(words, exception.Message);
    }

    private sealed class Reporter(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
