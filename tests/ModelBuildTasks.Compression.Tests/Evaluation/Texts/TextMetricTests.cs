using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Evaluation.Texts;

/// <summary>The original gives its input; the compressed model never sees a b, and reads a blank there.</summary>
[TestClass]
public sealed class TextMetricTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TextKeys keys;

    public TextMetricTests() => keys = TextPaths.Keys(folder);

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Characters_and_lines_read_right_are_counted_against_the_labels()
    {
        // Read: "abc" and "ac" of "abc", "ca" and "ca" of "cab", "bb" and "" of "bbb", "a" and "a" of "a".
        var comparison = Compare(new TextSamples(["abc", "ca", "b-b", "a"], ["abc", "cab", "bbb", "a"]));

        var metric = comparison.Metric!;
        Assert.AreEqual(new MetricReport("ctc", 4, 8.0 / 10, 5.0 / 10, 3.0 / 10, metric.Interval), metric);
        Assert.AreEqual(new LinesReport(0.5, 0.25, Labelled: true), comparison.Lines);
        Assert.IsTrue(metric.Interval[0] < 0.3 && metric.Interval[1] > 0.3);
    }

    [TestMethod]
    public void Without_labels_right_is_what_the_original_reads()
    {
        var comparison = Compare(new TextSamples(["abc", "ca", "b-b", "a"]));

        var metric = comparison.Metric!;
        Assert.AreEqual(new MetricReport("ctc", 4, 1, 5.0 / 8, 3.0 / 8, metric.Interval), metric);
        Assert.AreEqual(new LinesReport(1, 0.5, Labelled: false), comparison.Lines);
        Assert.IsGreaterThanOrEqualTo(0, metric.Interval[0]);
    }

    [TestMethod]
    public void Labels_that_are_texts_make_the_metric_ctc() => Assert.AreEqual("ctc", Compare(new TextSamples(["ab"], ["ab"]), Metric.Auto).Metric!.Name);

    [TestMethod]
    public void Without_such_labels_the_metric_stays_what_it_was()
    {
        var comparison = Compare(new TextSamples(["ab"]), Metric.Auto);

        Assert.AreEqual("cosine", comparison.Metric!.Name);
        Assert.IsNull(comparison.Lines);
    }

    [TestMethod]
    public void Time_may_be_the_first_axis()
        => Assert.AreEqual(5.0 / 6, Compare(new TextSamples(["aab-ca", "ca"], ["abca", "ca"], timeFirst: true)).Metric!.Compressed, 1e-15);

    [TestMethod]
    public void White_space_around_a_line_is_no_part_of_it() => Assert.AreEqual(1, Compare(new TextSamples(["_a_c_"], ["a c "])).Metric!.Compressed);

    [TestMethod]
    public void More_mistakes_than_characters_are_nothing_right()
    {
        var comparison = Compare(new TextSamples(["acac"], ["b"]));

        Assert.AreEqual(0, comparison.Metric!.Original);
        Assert.AreEqual(0, comparison.Metric.Compressed);
        Assert.AreEqual(0, comparison.Metric.Drop);
    }

    [TestMethod]
    public void Texts_without_a_character_are_right_where_nothing_is_read()
    {
        Assert.AreEqual(1, Compare(new TextSamples(["--"], [""])).Metric!.Compressed);
        Assert.AreEqual(0, Compare(new TextSamples(["-a"], [""])).Metric!.Compressed);
    }

    [TestMethod]
    public void An_answer_that_is_not_finite_reads_nothing()
        => Assert.AreEqual(0, Compare(new TextSamples(["ac"], ["ac"]), compressedFactors: [1, 1, 1, float.NaN, 1]).Metric!.Compressed);

    [TestMethod]
    public void Keys_of_another_model_are_an_error_with_both_counts()
    {
        var two = TextPaths.Keys(folder, "a\nb\n");

        var exception = Assert.ThrowsExactly<CompressionException>(() => Compare(new TextSamples(["ab"], ["ab"]), keys: two));

        Assert.AreEqual(DiagnosticCodes.KeysInvalid, exception.Code);
        Assert.AreEqual(two.File, exception.File);
        Assert.Contains("keys.txt", exception.Message);
        Assert.Contains("has 2 lines", exception.Message);
        Assert.Contains("the model has 5", exception.Message);
    }

    [TestMethod]
    public void A_model_without_steps_of_time_reads_no_text()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        var exception = Assert.ThrowsExactly<CompressionException>(() =>
            ModelComparison.Compare(pair.Original, [pair.Compressed], new InMemorySamples([[1, 2, 3]]), [0], Metric.Ctc, keys, null, CancellationToken.None));

        Assert.AreEqual(DiagnosticCodes.MetadataValueUnknown, exception.Code);
        Assert.Contains("[batch, time, classes]", exception.Message);
    }

    [TestMethod]
    public void Class_numbers_are_no_texts()
    {
        using var pair = ModelPair.Scaled(1, 1, 1);

        var exception = Assert.ThrowsExactly<CompressionException>(() =>
            ModelComparison.Compare(pair.Original, [pair.Compressed], new InMemorySamples([[1, 2, 3]], [0]), [0], Metric.Ctc, keys, null, CancellationToken.None));

        Assert.AreEqual(DiagnosticCodes.LabelsMismatch, exception.Code);
    }

    [TestMethod]
    [DataRow(new long[] { -1, -1, 5 }, true)]
    [DataRow(new long[] { -1, -1, 4 }, true)]
    [DataRow(new long[] { -1, -1, -1 }, true)]
    [DataRow(new long[] { }, true)]
    [DataRow(new long[] { -1, -1, 6 }, false)]
    [DataRow(new long[] { -1, 5 }, false)]
    public void What_the_model_declares_is_looked_at_before_it_runs(long[] shape, bool isPossible)
    {
        void Look() => CtcOutput.RequirePossible([new ModelPort("y", DataType.Float, shape)], keys);

        if (isPossible)
        {
            Look();
        }
        else
        {
            Assert.ThrowsExactly<CompressionException>(Look);
        }
    }

    private Comparison Compare(SampleSet samples, Metric metric = Metric.Ctc, TextKeys? keys = null, float[]? compressedFactors = null)
    {
        static ModelBuilder Model(float[] factors) => ModelBuilder.Create().Input("x", DataType.Float, "first", "second", TextPaths.Classes)
            .Constant("c", factors, TextPaths.Classes).Node("Mul", ["x", "c"], ["y"]).Output("y", DataType.Float, "first", "second", TextPaths.Classes);
        using var pair = new ModelPair(Model([1, 1, 1, 1, 1]), Model(compressedFactors ?? [1, 1, 0, 1, 1]));
        return ModelComparison.Compare(pair.Original, [pair.Compressed], samples, [.. Enumerable.Range(0, samples.Count)], metric, keys ?? this.keys, progress: null, CancellationToken.None)[0];
    }
}
