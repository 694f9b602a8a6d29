using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Requests for a device that computes in float16.</summary>
[TestClass]
public sealed class HalfPrecisionJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SmallJob job = new();

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    public void A_real_network_is_half_the_size_and_above_60_dB()
    {
        var report = Compress(DigitReaderSample.Request(folder) with { Device = DeviceProfiles.Gpu }).Report;

        Assert.AreEqual("float16", report.Variant);
        Assert.AreEqual("gpu", report.Device);
        Assert.IsGreaterThan(1.95, report.Ratio);
        Assert.IsGreaterThan(60, report.SqnrDb!.Value);
        Assert.IsTrue(report.Layers.All(layer => layer.Format == "float16" && layer.SqnrDb > 60 && layer.BytesAfter * 2 == layer.BytesBefore));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8)]
    [DataRow(QuantizationMode.Int8Weights)]
    public void Whatever_the_quantization_the_device_gets_float16(QuantizationMode mode)
    {
        var report = Compress(job.Request with { Quantize = mode, Device = DeviceProfiles.Gpu }).Report;

        Assert.AreEqual("float16", report.Variant);
        Assert.IsGreaterThan(55, report.SqnrDb!.Value);
    }

    [TestMethod]
    public void An_overflow_that_this_host_would_not_compute_is_judged_as_the_device_computes_it()
    {
        // Between two layers lies a value of a million, and no calibration tells of it.
        var random = new Random(1);
        float[] Weight(double factor) => [.. Enumerable.Range(0, 64 * 64).Select(_ => (float)(factor * ((random.NextDouble() * 2) - 1)))];
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Constant("w", Weight(60_000), 64, 64).Constant("v", Weight(0.001), 64, 64)
            .Node("MatMul", ["x", "w"], ["p"]).Node("Abs", ["p"], ["a"]).Node("Softmax", ["a"], ["s"]).Node("MatMul", ["s", "v"], ["y"]).Output("y", DataType.Float, "batch", 64).Save(folder);

        var unaware = Compress(job.Request with { ModelPath = model, Device = DeviceProfiles.Gpu, Quantize = QuantizationMode.Int8Weights }).Report;
        var aware = Compress(job.Request with { ModelPath = model, Device = DeviceProfiles.Gpu }).Report;

        Assert.IsTrue(unaware.SqnrDb is null or < 30, $"{unaware.SqnrDb}");
        Assert.IsGreaterThan(50, aware.SqnrDb!.Value);
        StringAssert.Contains(aware.Layers[0].Reason, "beyond half of the 65504");
    }

    [TestMethod]
    public void None_keeps_every_byte()
    {
        var result = Compress(job.Request with { Quantize = QuantizationMode.None, Device = DeviceProfiles.Gpu });

        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), File.ReadAllBytes(result.ModelPath));
    }

    [TestMethod]
    public void What_stays_float_as_a_whole_is_the_original_with_a_warning_that_names_the_format()
    {
        var result = Compress(job.Request with { Device = DeviceProfiles.Gpu, KeepFloat = ["*"] });

        CollectionAssert.AreEqual(File.ReadAllBytes(job.ModelPath), File.ReadAllBytes(result.ModelPath));
        var warning = result.Report.Warnings.Single();
        Assert.AreEqual(DiagnosticCodes.NothingCompressed, warning.Code);
        StringAssert.Contains(warning.Message, "as float16");
    }

    [TestMethod]
    public void Beside_other_variants_it_leaves_their_ranges_file_alone()
    {
        var request = job.Request;
        Compress(request);
        var alone = File.ReadAllText(Path.Combine(job.Output, "model.ranges.json"));

        var results = ModelCompressor.Compress([request with { OutputName = "model.cpu" }, request with { OutputName = "model.gpu", Device = DeviceProfiles.Gpu }], null, CancellationToken.None);

        Assert.AreEqual("float16", results[1].Report.Variant);
        Assert.IsNull(results[1].Report.Latency);
        Assert.AreEqual(alone, File.ReadAllText(Path.Combine(job.Output, "model.ranges.json")));
    }

    [TestMethod]
    public void The_trace_has_the_step_and_the_format_of_each_node()
    {
        Compress(job.Request with { Device = DeviceProfiles.Gpu, TraceFolder = job.File("trace") });

        Assert.IsTrue(File.Exists(job.File("trace/2-half-precision.onnx")));
        StringAssert.Contains(File.ReadAllText(job.File("trace/nodes.json")), "\"float16\"");
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
