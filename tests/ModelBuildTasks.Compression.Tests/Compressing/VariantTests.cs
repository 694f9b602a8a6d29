using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Several variants of one model are one run.</summary>
[TestClass]
public sealed class VariantTests : IDisposable
{
    private static readonly DeviceProfile Bounded = new() { Name = "x64", PairBound = true, Architectures = ["x64"] };
    private static readonly DeviceProfile FullRange = new() { Name = "x64-vnni", Architectures = ["x64"] };
    private static readonly DeviceProfile Signed = new() { Name = "arm64", Activations = NumericFormat.Int8, Architectures = ["arm64"] };
    private static readonly DeviceProfile NeverHere = Bounded with { Name = "elsewhere", Architectures = ["s390x"] };

    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void They_are_calibrated_and_judged_once()
    {
        var log = new PhaseLog();

        ModelCompressor.Compress(Variants(Bounded, FullRange, Signed), log, CancellationToken.None);

        Assert.AreEqual("prepare calibrate round quantize prepare round quantize prepare round quantize evaluate", log.Text);
    }

    [TestMethod]
    public void Each_has_an_output_of_its_own_and_all_share_the_ranges()
    {
        var results = ModelCompressor.Compress(Variants(Bounded, FullRange, Signed), null, CancellationToken.None);

        CollectionAssert.AreEqual(new[] { "model.x64.onnx", "model.x64-vnni.onnx", "model.arm64.onnx" }, results.Select(result => Path.GetFileName(result.ModelPath)).ToArray());
        CollectionAssert.AreEqual(new[] { "x64", "x64-vnni", "arm64" }, results.Select(result => result.Report.Device).ToArray());
        Assert.HasCount(3, results.Select(result => Convert.ToHexString(File.ReadAllBytes(result.ModelPath))).Distinct());
        CollectionAssert.AreEqual(new[] { "model.ranges.json" }, Directory.GetFiles(job.Output, "*.ranges.json").Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_variant_is_the_same_alone_and_together()
    {
        var together = ModelCompressor.Compress(Variants(Bounded, FullRange, Signed), null, CancellationToken.None);

        foreach (var (device, result) in new[] { Bounded, FullRange, Signed }.Zip(together))
        {
            var alone = ModelCompressor.Compress(job.Request with { Device = device, CacheFolder = job.File($"cache-{device.Name}"), OutputFolder = job.File(device.Name) }, null, CancellationToken.None);
            CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), File.ReadAllBytes(alone.ModelPath));
            Assert.AreEqual(alone.Report.SqnrDb, result.Report.SqnrDb);
            Assert.AreEqual(alone.Report.Metric!.Compressed, result.Report.Metric!.Compressed);
        }
    }

    [TestMethod]
    public void Profiles_of_the_same_content_are_one_compression()
    {
        var log = new PhaseLog();

        var results = ModelCompressor.Compress(Variants(Bounded, NeverHere), log, CancellationToken.None);

        Assert.AreEqual("prepare calibrate round quantize evaluate", log.Text);
        Assert.HasCount(1, Directory.GetFiles(job.File("cache/models"), "*.onnx"));
        Assert.AreEqual("elsewhere", results[1].Report.Device);
        Assert.AreEqual(results[0].Report.SqnrDb, results[1].Report.SqnrDb);
    }

    [TestMethod]
    public void Speed_is_told_only_of_a_processor_like_the_one_at_hand()
    {
        var here = Bounded with { Name = "here", Architectures = [HostProcessor.Architecture] };

        var results = ModelCompressor.Compress(Variants(NeverHere, here, NeverHere with { Name = "far", PairBound = false }), null, CancellationToken.None);

        Assert.IsNull(results[0].Report.Latency);
        Assert.IsNotNull(results[1].Report.Latency);
        Assert.IsNull(results[2].Report.Latency);
    }

    [TestMethod]
    public void A_report_made_for_another_kind_of_processor_is_timed_when_it_is_used_here()
    {
        var here = NeverHere with { Name = "here", Architectures = [HostProcessor.Architecture] };
        ModelCompressor.Compress(job.Request with { Device = NeverHere }, null, CancellationToken.None);
        var log = new PhaseLog();

        var result = ModelCompressor.Compress(job.Request with { Device = here }, log, CancellationToken.None);

        Assert.AreEqual("evaluate", log.Text);
        Assert.IsNotNull(result.Report.Latency);
    }

    [TestMethod]
    public void What_is_there_already_is_not_made_again()
    {
        ModelCompressor.Compress(job.Request with { Device = Signed }, null, CancellationToken.None);
        var log = new PhaseLog();

        ModelCompressor.Compress(Variants(Bounded, Signed), log, CancellationToken.None);

        Assert.AreEqual("prepare round quantize evaluate", log.Text);
    }

    [TestMethod]
    public void Requests_of_different_models_are_no_variants() =>
        Assert.ThrowsExactly<ArgumentException>(() => ModelCompressor.Compress([job.Request, job.Request with { ModelPath = job.WriteModel("other.onnx", seed: 3) }], null, CancellationToken.None));

    [TestMethod]
    public void No_request_is_no_variant() => Assert.ThrowsExactly<ArgumentException>(() => ModelCompressor.Compress([], null, CancellationToken.None));

    private CompressionRequest[] Variants(params DeviceProfile[] devices)
    {
        var request = job.Request;
        return Array.ConvertAll(devices, device => request with { Device = device, OutputName = $"model.{device.Name}" });
    }
}
