using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class CorrectionJobTests : IDisposable
{
    private readonly SmallJob job = new();

    private string RangesPath => Path.Combine(job.Output, "model.ranges.json");

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void Weights_alone_have_their_biases_corrected_where_there_is_data()
    {
        var corrected = Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights });
        var means = ActivationRanges.Load(RangesPath).Means;
        var uncorrected = Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights, Corrections = CorrectionSwitches.All with { Bias = false } });

        Assert.HasCount(64, means["x"]);
        CollectionAssert.AreNotEqual(uncorrected, corrected);
    }

    [TestMethod]
    public void Weights_alone_calibrate_nothing_without_data()
    {
        Bytes(job.Request with { Quantize = QuantizationMode.Int8Weights, Calibration = [] });

        Assert.IsFalse(File.Exists(RangesPath));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    public void A_committed_ranges_file_corrects_alike(QuantizationMode mode)
    {
        var calibrated = Bytes(job.Request with { Quantize = mode, Effort = Effort.Fast });
        var committed = job.File("committed.ranges.json");
        File.Copy(RangesPath, committed);

        CollectionAssert.AreEqual(calibrated, Bytes(job.Request with { Quantize = mode, Ranges = committed }));
    }

    private static byte[] Bytes(CompressionRequest request) => File.ReadAllBytes(ModelCompressor.Compress(request, null, CancellationToken.None).ModelPath);
}
