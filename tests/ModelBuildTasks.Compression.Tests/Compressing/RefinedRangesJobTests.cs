using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>When ranges are refined, and that the published file tells all of it.</summary>
[TestClass]
public sealed class RefinedRangesJobTests : IDisposable
{
    private readonly SmallJob job = new();

    private string RangesPath => Path.Combine(job.Output, "model.ranges.json");

    public void Dispose() => job.Dispose();

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Auto)]
    public void Ranges_are_refined_where_layers_may_compute_on_bytes(QuantizationMode mode) => Assert.IsTrue(Refines(job.Request with { Quantize = mode }));

    [TestMethod]
    public void Weights_alone_need_no_refined_ranges() => Assert.IsFalse(Refines(job.Request with { Quantize = QuantizationMode.Int8Weights }));

    [TestMethod]
    public void The_least_effort_refines_nothing() => Assert.IsFalse(Refines(job.Request with { Effort = Effort.Fast }));

    [TestMethod]
    public void Without_samples_there_is_nothing_to_refine() => Assert.IsFalse(Refines(job.Request with { Calibration = [] }));

    [TestMethod]
    public void A_committed_file_is_taken_as_it_is_and_gives_the_same_bytes()
    {
        // Clipped too much by its percentile, the range between the layers is widened.
        var request = job.Request with { CalibrationMethod = CalibrationMethod.Mse };
        var made = File.ReadAllBytes(Compress(request).ModelPath);
        var committed = job.File("committed.json");
        File.Copy(RangesPath, committed);

        var again = Compress(request with { Ranges = committed, CacheFolder = job.File("other-cache"), OutputFolder = job.File("other") });

        Assert.IsFalse(again.Report.Seconds.ContainsKey("refine"));
        CollectionAssert.AreEqual(made, File.ReadAllBytes(again.ModelPath));
    }

    [TestMethod]
    public void Every_effort_has_ranges_of_its_own_and_shares_the_calibration()
    {
        Compress(job.Request with { Effort = Effort.Fast });
        var report = Compress(job.Request with { Effort = Effort.Best }).Report;

        Assert.IsTrue(report.Seconds.ContainsKey("refine"));
        Assert.IsFalse(report.Seconds.ContainsKey("calibrate"));
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);

    private static bool Refines(CompressionRequest request) => Compress(request).Report.Seconds.ContainsKey("refine");
}
