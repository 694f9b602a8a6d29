using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Pruning;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Packaging;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>ResourceCompression: the model is packed beside itself, and nothing of it is made again for that.</summary>
[TestClass]
public sealed class ResourcePackingTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void The_packed_model_is_the_model()
    {
        var result = Compress(Packing);

        Assert.AreEqual(result.ModelPath + ".br", result.PackedPath);
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), UnpackedBrotli.Of(File.ReadAllBytes(result.PackedPath!)));
    }

    [TestMethod]
    public void The_report_tells_the_model_from_what_is_packed()
    {
        var result = Compress(Packing);

        Assert.AreEqual(new FileInfo(result.ModelPath).Length, result.Report.CompressedBytes);
        Assert.AreEqual(new FileInfo(result.PackedPath!).Length, result.Report.PackedBytes);
        Assert.AreEqual((double)result.Report.OriginalBytes / result.Report.PackedBytes, result.Report.PackedRatio);
    }

    [TestMethod]
    public void A_model_that_is_not_compressed_can_be_packed()
    {
        var result = Compress(Packing with { Quantize = QuantizationMode.None, Calibration = [] });

        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), UnpackedBrotli.Of(File.ReadAllBytes(result.PackedPath!)));
    }

    [TestMethod]
    public void A_model_in_ORT_format_is_packed_too()
    {
        var result = Compress(Packing with { Format = ModelFormat.Ort });

        Assert.EndsWith(".ort.br", result.PackedPath!);
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), UnpackedBrotli.Of(File.ReadAllBytes(result.PackedPath!)));
    }

    [TestMethod]
    [DataRow(ResourceCompression.None)]
    [DataRow(ResourceCompression.Auto, DisplayName = "auto, where nothing is pruned or shared")]
    public void Unasked_nothing_is_packed(ResourceCompression asked)
    {
        var result = Compress(Packing with { ResourceCompression = asked });

        Assert.IsNull(result.PackedPath);
        Assert.AreEqual(result.Report.CompressedBytes, result.Report.PackedBytes);
        Assert.IsFalse(File.Exists(result.ModelPath + ".br"));
    }

    [TestMethod]
    [DataRow(0.89, true)]
    [DataRow(0.92, false)]
    public void Where_weights_are_pruned_a_tenth_must_be_saved(double share, bool packed) => Assert.AreEqual(packed, PacksByItself(Pruned, share));

    [TestMethod]
    public void Where_weights_are_shared_it_is_packed_too() => Assert.IsTrue(PacksByItself(job.Request with { Share = new(16, null) }, 0.5));

    [TestMethod]
    public void Asked_for_by_name_a_little_is_enough_but_not_nothing()
    {
        Assert.IsTrue(PacksByItself(Packing, 0.95));
        Assert.IsFalse(PacksByItself(Packing, 1));
    }

    [TestMethod]
    public void Asking_later_packs_and_makes_nothing_else()
    {
        Compress(job.Request);

        Assert.AreEqual("pack", Phases(Packing));
        Assert.AreEqual("", Phases(Packing));
    }

    [TestMethod]
    public void What_is_no_longer_wanted_goes()
    {
        var packed = Compress(Packing).PackedPath!;

        Assert.AreEqual("", Phases(job.Request));

        Assert.IsFalse(File.Exists(packed));
    }

    [TestMethod]
    public void Another_folder_of_outputs_gets_what_is_packed_already()
    {
        var first = Compress(Packing);
        var other = Packing with { OutputFolder = job.File("other") };

        Assert.AreEqual("", Phases(other));

        CollectionAssert.AreEqual(File.ReadAllBytes(first.PackedPath!), File.ReadAllBytes(job.File("other/model.onnx.br")));
    }

    /// <summary>Whether a model of which that share is noise is packed, and the rest nothing.</summary>
    private static bool PacksByItself(CompressionRequest request, double share)
    {
        const string Key = "key";
        var cache = new ResultCache(request.CacheFolder);
        var content = new byte[100_000];
        new Random(1).NextBytes(content.AsSpan(0, (int)(share * content.Length)));
        Directory.CreateDirectory(Path.GetDirectoryName(cache.Model(Key))!);
        File.WriteAllBytes(cache.Model(Key), content);
        File.Delete(cache.Packed(Key, ".onnx"));
        var passes = new PassesOutcome("int8", [], 0, [], new Dictionary<string, double>());
        return ResourcePacking.Run(new CompressionVariant(request, new CompressionKeys("", Key, ""), passes, new PhaseClock(null)), cache, CancellationToken.None) is not null;
    }

    private CompressionRequest Pruned => job.Request with { Prune = new(0.5, PruneMethod.Magnitude) };

    private CompressionRequest Packing => job.Request with { ResourceCompression = ResourceCompression.Brotli };

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);

    private static string Phases(CompressionRequest request)
    {
        var log = new PhaseLog();
        ModelCompressor.Compress(request, log, CancellationToken.None);
        return log.Text;
    }
}
