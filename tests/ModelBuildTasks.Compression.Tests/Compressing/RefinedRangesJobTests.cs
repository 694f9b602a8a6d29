using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>When ranges are refined, and that the published file tells all of it.</summary>
[TestClass]
public sealed class RefinedRangesJobTests : IDisposable
{
    private readonly SmallJob job = new();
    private readonly TemporaryFolder folder = new();

    private string RangesPath => folder.File("out/digits.ranges.json");

    public void Dispose()
    {
        folder.Dispose();
        job.Dispose();
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Auto)]
    public void Ranges_are_refined_where_layers_may_compute_on_bytes(QuantizationMode mode) => Assert.IsTrue(Refines(job.Request with { Quantize = mode, Effort = Effort.Best }));

    [TestMethod]
    public void Weights_alone_need_no_refined_ranges() => Assert.IsFalse(Refines(job.Request with { Quantize = QuantizationMode.Int8Weights, Effort = Effort.Best }));

    [TestMethod]
    [DataRow(Effort.Fast)]
    [DataRow(Effort.Balanced)]
    public void Less_than_the_greatest_effort_refines_nothing(Effort effort) => Assert.IsFalse(Refines(job.Request with { Effort = effort }));

    [TestMethod]
    public void Without_samples_there_is_nothing_to_refine() => Assert.IsFalse(Refines(job.Request with { Calibration = [], Effort = Effort.Best }));

    [TestMethod]
    public void The_digit_reader_is_no_worse_with_them_on_digits_that_took_no_part()
    {
        var request = DigitReaderSample.Request(folder) with { Validation = [DigitReaderSample.Test], Effort = Effort.Best };
        var calibrated = Compress(request with { Corrections = new CorrectionSwitches(Ranges: false) });
        var refined = Compress(request);

        Assert.IsGreaterThan(calibrated.Report.SqnrDb!.Value - 0.1, refined.Report.SqnrDb!.Value);
    }

    [TestMethod]
    public void The_published_file_has_the_ranges_of_the_calibration_and_a_committed_one_is_taken_as_it_is()
    {
        var request = DigitReaderSample.Request(folder) with { Effort = Effort.Best };
        Compress(request with { Effort = Effort.Fast });
        var calibrated = File.ReadAllText(RangesPath);
        Compress(request);
        var committed = folder.File("committed.json");
        File.Copy(RangesPath, committed);

        Assert.AreEqual(calibrated, File.ReadAllText(committed));
        Assert.IsFalse(Refines(request with { Ranges = committed }));
    }

    [TestMethod]
    public void Every_effort_shares_the_calibration()
    {
        Compress(job.Request with { Effort = Effort.Fast });
        var report = Compress(job.Request with { Effort = Effort.Best }).Report;

        Assert.IsTrue(report.Seconds.ContainsKey("refine"));
        Assert.IsFalse(report.Seconds.ContainsKey("calibrate"));
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);

    private static bool Refines(CompressionRequest request) => Compress(request).Report.Seconds.ContainsKey("refine");
}
