using System.IO.Compression;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;

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
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), Unpacked(result.PackedPath!));
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

        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), Unpacked(result.PackedPath!));
    }

    [TestMethod]
    public void A_model_in_ORT_format_is_packed_too()
    {
        var result = Compress(Packing with { Format = ModelFormat.Ort });

        Assert.EndsWith(".ort.br", result.PackedPath!);
        CollectionAssert.AreEqual(File.ReadAllBytes(result.ModelPath), Unpacked(result.PackedPath!));
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

    private CompressionRequest Packing => job.Request with { ResourceCompression = ResourceCompression.Brotli };

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);

    private static string Phases(CompressionRequest request)
    {
        var log = new PhaseLog();
        ModelCompressor.Compress(request, log, CancellationToken.None);
        return log.Text;
    }

    private static byte[] Unpacked(string path)
    {
        using var stream = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
