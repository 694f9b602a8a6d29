using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Requests for activations of 16 bits.</summary>
[TestClass]
public sealed class Int16JobTests : IDisposable
{
    private readonly SmallJob job = new();

    public void Dispose() => job.Dispose();

    [TestMethod]
    public void A_real_network_is_a_quarter_of_its_size_and_nearly_as_exact_as_with_float_activations()
    {
        using var folder = new TemporaryFolder();
        var weights = Compress(DigitReaderSample.Request(folder) with { Quantize = QuantizationMode.Int8Weights }).Report;

        var report = Compress(DigitReaderSample.Request(folder) with { Quantize = QuantizationMode.Int16 }).Report;

        Assert.AreEqual("int16", report.Variant);
        Assert.IsTrue(report.Layers.All(layer => layer.Format == "int16" && layer.Reason is null), string.Join('\n', report.Layers));
        Assert.IsGreaterThan(3.7, report.Ratio);
        Assert.AreEqual(weights.SqnrDb!.Value, report.SqnrDb!.Value, 2, "what calibration clips is left");
        Assert.IsNotNull(report.Latency);
    }

    [TestMethod]
    public void Without_data_only_the_weights_are_stored_as_bytes()
    {
        var report = Compress(job.Request with { Quantize = QuantizationMode.Int16, Calibration = [], Validation = [job.DataPath] }).Report;

        Assert.AreEqual("int8-weights", report.Variant);
    }

    [TestMethod]
    public void It_shares_the_ranges_of_int8()
    {
        var (int8, int16) = (job.Request, job.Request with { Quantize = QuantizationMode.Int16 });

        Assert.AreEqual(Keys(int8).Calibration, Keys(int16).Calibration);
        Assert.AreNotEqual(Keys(int8).Compression, Keys(int16).Compression);
    }

    [TestMethod]
    public void In_ORT_format_it_runs_too()
    {
        var report = Compress(job.Request with { Quantize = QuantizationMode.Int16, Format = ModelFormat.Ort }).Report;

        Assert.AreEqual("int16", report.Variant);
        Assert.IsGreaterThan(35, report.SqnrDb!.Value);
    }

    private static CompressionKeys Keys(CompressionRequest request) => CompressionKeys.Of(request, Compression.Packaging.ContentHash.OfFile);

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
