using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class ReuseTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void The_first_compression_goes_through_every_phase() => Assert.AreEqual("prepare calibrate round quantize evaluate", Phases(job.Request));

    [TestMethod]
    public void The_same_request_again_does_nothing_and_leaves_the_output_alone()
    {
        var first = ModelCompressor.Compress(job.Request, null, CancellationToken.None);
        var time = File.GetLastWriteTimeUtc(first.ModelPath);

        Assert.AreEqual("", Phases(job.Request));
        Assert.AreEqual(time, File.GetLastWriteTimeUtc(first.ModelPath));
    }

    [TestMethod]
    public void Another_folder_of_outputs_gets_the_same_results_without_work()
    {
        var first = ModelCompressor.Compress(job.Request, null, CancellationToken.None);
        var other = job.Request with { OutputFolder = job.File("other"), Name = "renamed" };

        Assert.AreEqual("", Phases(other));
        CollectionAssert.AreEqual(File.ReadAllBytes(first.ModelPath), File.ReadAllBytes(job.File("other/renamed.onnx")));
    }

    [TestMethod]
    public void Another_option_compresses_again_but_does_not_calibrate()
    {
        Phases(job.Request);
        Assert.AreEqual("prepare round quantize evaluate", Phases(job.Request with { KeepFloat = ["Gemm_2"] }));
    }

    [TestMethod]
    public void Another_format_of_a_pruned_model_prunes_nothing_again()
    {
        var request = job.Request with { Prune = new PruningOptions(0.5) };

        Assert.AreEqual("prepare prune calibrate round quantize pack evaluate", Phases(request));
        Assert.AreEqual("prepare round quantize pack evaluate", Phases(request with { Quantize = QuantizationMode.Int8Weights }));
    }

    [TestMethod]
    public void Another_share_of_zeros_is_pruned_calibrated_and_rounded_anew()
    {
        Phases(job.Request with { Prune = new PruningOptions(0.5) });
        Assert.AreEqual("prepare prune calibrate round quantize pack evaluate", Phases(job.Request with { Prune = new PruningOptions(0.6) }));
    }

    [TestMethod]
    public void A_pruned_model_whose_report_is_missing_is_pruned_again()
    {
        var request = job.Request with { Prune = new PruningOptions(0.5) };
        Phases(request);
        File.Delete(Directory.GetFiles(job.File("cache/pruned"), "*.json").Single());

        Assert.AreEqual("prepare prune round quantize pack evaluate", Phases(request with { Quantize = QuantizationMode.Int8Weights }));
    }

    [TestMethod]
    public void Other_validation_data_only_judges_again()
    {
        var request = job.Request with { Validation = [job.WriteData("first.npz", 10, seed: 5)] };
        Phases(request);
        Assert.AreEqual("evaluate", Phases(request with { Validation = [job.WriteData("second.npz", 10, seed: 6)] }));
    }

    [TestMethod]
    public void Measuring_the_latency_again_keeps_the_accuracy()
    {
        var first = ModelCompressor.Compress(job.Request, null, CancellationToken.None).Report;
        var log = new PhaseLog();

        var second = ModelCompressor.Compress(job.Request with { RemeasureLatency = true }, log, CancellationToken.None).Report;

        Assert.AreEqual("evaluate", log.Text);
        Assert.AreEqual(first.SqnrDb, second.SqnrDb);
        Assert.AreEqual(first.Layers.Count, second.Layers.Count);
        Assert.IsNotNull(second.Latency);
    }

    [TestMethod]
    public void An_entry_whose_last_file_is_missing_is_made_again()
    {
        var expected = File.ReadAllBytes(ModelCompressor.Compress(job.Request, null, CancellationToken.None).ModelPath);
        foreach (var outcome in Directory.GetFiles(job.File("cache/models"), "*.json"))
        {
            File.Delete(outcome);
        }

        Assert.AreEqual("prepare round quantize", Phases(job.Request));
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(Path.Combine(job.Output, "model.onnx")));
    }

    [TestMethod]
    public void Committed_ranges_give_the_same_bytes_without_calibration()
    {
        var calibrated = ModelCompressor.Compress(job.Request with { Effort = Effort.Fast }, null, CancellationToken.None);
        var committed = job.File("committed.json");
        File.Copy(Path.Combine(job.Output, "model.ranges.json"), committed);
        var request = job.Request with { Ranges = committed, CacheFolder = job.File("empty"), OutputFolder = job.File("again") };

        Assert.AreEqual("prepare quantize evaluate", Phases(request));
        CollectionAssert.AreEqual(File.ReadAllBytes(calibrated.ModelPath), File.ReadAllBytes(job.File("again/model.onnx")));
    }

    private static string Phases(CompressionRequest request)
    {
        var log = new PhaseLog();
        ModelCompressor.Compress(request, log, CancellationToken.None);
        return log.Text;
    }
}
