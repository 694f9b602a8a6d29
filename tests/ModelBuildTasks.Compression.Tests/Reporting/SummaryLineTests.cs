using System.Globalization;
using ModelBuildTasks.Compression.Reporting;

namespace ModelBuildTasks.Compression.Tests.Reporting;

[TestClass]
public sealed class SummaryLineTests
{
    [TestMethod]
    public void A_classifier_with_labels_tells_size_accuracy_and_speed()
        => Assert.AreEqual("digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · top-1 97.75% → 97.70% (−0.05) · 2.1× faster", SummaryLine.Of(Reports.Digits));

    [TestMethod]
    public void The_culture_of_the_machine_does_not_matter()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Assert.AreEqual("digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · top-1 97.75% → 97.70% (−0.05) · 2.1× faster", SummaryLine.Of(Reports.Digits));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void What_was_pruned_and_shared_is_told_with_the_format() => Assert.StartsWith(
        "digits.onnx → cpu: int8, 50% pruned, 16 shared values · ",
        SummaryLine.Of(Reports.Digits with { Pruning = new PruningReport("obs", "0.5", 1000, 1000, 0.4996), Sharing = new SharingReport(16, null, 7) }));

    [TestMethod]
    public void Channels_that_went_are_told_as_weights() => Assert.StartsWith(
        "digits.onnx → cpu: int8, 66% of weights removed · ",
        SummaryLine.Of(Reports.Digits with { Pruning = new PruningReport("structured", "0.5", 1000, 340, 0) }));

    [TestMethod]
    public void Codebooks_alone_are_told_by_their_values() => Assert.StartsWith(
        "digits.onnx → cpu: 16 shared values · ",
        SummaryLine.Of(Reports.Digits with { Variant = "shared", Sharing = new SharingReport(16, null, 7) }));

    [TestMethod]
    [DataRow(0.9775, 0.98, "top-1 97.75% → 98.00% (+0.25)")]
    [DataRow(0.9775, 0.9775, "top-1 97.75% → 97.75% (±0.00)")]
    [DataRow(1, 0.99998, "top-1 100.00% → 100.00% (±0.00)")]
    [DataRow(1, 0, "top-1 100.00% → 0.00% (−100.00)")]
    public void The_change_of_top_1_is_in_points(double original, double compressed, string expected)
        => Assert.AreEqual(
            $"digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · {expected} · 2.1× faster",
            SummaryLine.Of(Reports.Digits with { Metric = new MetricReport("top1", 2000, original, compressed, original - compressed, [0, 0]) }));

    [TestMethod]
    public void Top_5_is_told_as_top_1_is()
        => Assert.AreEqual(
            "digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · top-5 99.90% → 99.80% (−0.10) · 2.1× faster",
            SummaryLine.Of(Reports.Digits with { Metric = new MetricReport("top5", 1000, 0.999, 0.998, 0.001, [0, 0.003]) }));

    [TestMethod]
    public void A_text_recognizer_with_labels_tells_its_characters()
        => Assert.AreEqual("digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · characters 96.97% → 96.93% (−0.04) · 2.1× faster", SummaryLine.Of(Reports.Text));

    [TestMethod]
    public void Without_labels_a_text_recognizer_is_compared_with_the_original()
        => Assert.AreEqual(
            "digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · characters as the original 99.50% · SQNR 38.3 dB · 2.1× faster",
            SummaryLine.Of(Reports.Text with { Metric = new MetricReport("ctc", 400, 1, 0.995, 0.005, [0, 0.01]), Lines = new LinesReport(1, 0.98, Labelled: false) }));

    [TestMethod]
    public void Without_labels_agreement_and_sqnr_are_told()
        => Assert.AreEqual(
            "digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · agreement 99.80% · SQNR 38.3 dB · 2.1× faster",
            SummaryLine.Of(Reports.Digits with { Metric = new MetricReport("agreement", 1000, 1, 0.998, 0.002, [0, 0.01]) }));

    [TestMethod]
    public void Without_class_scores_cosine_and_sqnr_are_told()
        => Assert.AreEqual(
            "digits.onnx → cpu: int8 · 1.66 MB → 214 KB (7.8×) · cosine 0.9998 · SQNR 38.3 dB · 2.1× faster",
            SummaryLine.Of(Reports.Digits with { Metric = new MetricReport("cosine", 1000, 1, 0.99983, 0.00017, [0, 0.01]) }));

    [TestMethod]
    public void Without_data_the_line_says_that_the_accuracy_was_not_checked()
        => Assert.AreEqual(
            "digits.onnx → cpu: int8-weights · 1.66 MB → 420 KB (4.0×) · accuracy not checked",
            SummaryLine.Of(Reports.Digits with { Variant = "int8-weights", CompressedBytes = 420_000, PackedBytes = 420_000, Metric = null, SqnrDb = null, Latency = null }));

    [TestMethod]
    public void A_packed_resource_is_told_with_its_own_ratio()
        => Assert.AreEqual("1.66 MB → 214 KB (7.8×), 130 KB embedded (12.8×)", SummaryLine.Size(Reports.Digits with { PackedBytes = 130_000 }));

    [TestMethod]
    [DataRow(0.1, "10.0× faster")]
    [DataRow(0.8, "1.3× faster")]
    [DataRow(0.96, "same speed")]
    [DataRow(1.0, "same speed")]
    [DataRow(1.04, "same speed")]
    [DataRow(1.3, "1.3× slower")]
    [DataRow(12.0, "12.0× slower")]
    public void The_speed_says_faster_slower_or_same(double ratio, string expected) => Assert.AreEqual(expected, SummaryLine.Speed(ratio));

    [TestMethod]
    [DataRow(0, "0 B")]
    [DataRow(999, "999 B")]
    [DataRow(1000, "1.00 KB")]
    [DataRow(9_994, "9.99 KB")]
    [DataRow(9_996, "10.0 KB")]
    [DataRow(21_440, "21.4 KB")]
    [DataRow(99_960, "100 KB")]
    [DataRow(214_000, "214 KB")]
    [DataRow(999_499, "999 KB")]
    [DataRow(999_500, "1.00 MB")]
    [DataRow(1_660_000, "1.66 MB")]
    [DataRow(2_147_483_648, "2.15 GB")]
    public void Sizes_have_three_significant_digits_and_decimal_units(long bytes, string expected) => Assert.AreEqual(expected, SizeText.Format(bytes));
}
