using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;

namespace ModelBuildTasks.Compression.Tests.Compressing;

[TestClass]
public sealed class TextReaderJobTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void Reading_text_needs_keys() => Refused(job.Request with { Metric = Metric.Ctc }, DiagnosticCodes.MetadataContradicts, "there is no Keys");

    [TestMethod]
    [DataRow(Metric.Top1)]
    [DataRow(Metric.Cosine)]
    public void Keys_are_for_reading_text(Metric metric) => Refused(job.Request with { Metric = metric, Keys = Keys("a\n") }, DiagnosticCodes.MetadataContradicts, "remove Keys");

    [TestMethod]
    public void Keys_that_are_missing_are_told_before_anything_is_computed()
    {
        Refused(job.Request with { Metric = Metric.Ctc, Keys = job.File("none.txt") }, DiagnosticCodes.KeysInvalid, "none.txt");

        Assert.IsFalse(Directory.Exists(Path.Combine(job.Request.CacheFolder, "models")));
    }

    [TestMethod]
    public void A_model_that_reads_no_text_is_told_before_anything_is_computed()
    {
        Refused(job.Request with { Metric = Metric.Ctc, Keys = Keys("a\n") }, DiagnosticCodes.MetadataValueUnknown, "[batch, time, classes]");

        Assert.IsFalse(Directory.Exists(Path.Combine(job.Request.CacheFolder, "models")));
    }

    [TestMethod]
    public void The_content_of_the_keys_only_judges_again()
    {
        var request = job.Request with { Keys = Keys("a\n") };
        var before = CompressionKeys.Of(request, ContentHash.OfFile);
        Keys("b\n");
        var after = CompressionKeys.Of(request, ContentHash.OfFile);

        Assert.AreEqual(before.Compression, after.Compression);
        Assert.AreNotEqual(before.Evaluation, after.Evaluation);
    }

    [TestMethod]
    public void The_content_of_the_keys_searches_again()
    {
        var request = job.Request with { Quantize = QuantizationMode.Auto, Keys = Keys("a\n") };
        var before = CompressionKeys.Of(request, ContentHash.OfFile);
        Keys("b\n");

        Assert.AreNotEqual(before.Compression, CompressionKeys.Of(request, ContentHash.OfFile).Compression);
    }

    private string Keys(string content)
    {
        File.WriteAllText(job.File("keys.txt"), content);
        return job.File("keys.txt");
    }

    private static void Refused(CompressionRequest request, string code, string part)
    {
        var exception = Assert.ThrowsExactly<CompressionException>(() => ModelCompressor.Compress(request, null, CancellationToken.None));

        Assert.AreEqual(code, exception.Code, exception.Message);
        Assert.Contains(part, exception.Message);
    }
}
