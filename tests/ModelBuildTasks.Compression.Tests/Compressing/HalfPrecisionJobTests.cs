using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Requests for float16, and for a device that computes in it.</summary>
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

    [TestMethod]
    public void Where_it_is_asked_for_any_device_gets_it_and_a_CPU_is_timed()
    {
        var report = Compress(DigitReaderSample.Request(folder) with { Quantize = QuantizationMode.Float16 }).Report;

        Assert.AreEqual("float16", report.Variant);
        Assert.AreEqual("cpu", report.Device);
        Assert.IsGreaterThan(1.95, report.Ratio);
        Assert.IsGreaterThan(60, report.SqnrDb!.Value);
        Assert.IsNotNull(report.Latency);
    }

    [TestMethod]
    public void It_needs_no_data()
    {
        var result = Compress(job.Request with { Quantize = QuantizationMode.Float16, Calibration = [] });

        Assert.AreEqual("float16", result.Report.Variant);
        Assert.IsGreaterThan(1.9, result.Report.Ratio);
    }

    [TestMethod]
    public void The_model_is_the_one_that_a_device_of_float16_gets() => CollectionAssert.AreEqual(
        File.ReadAllBytes(Compress(job.Request with { Device = DeviceProfiles.Gpu, OutputName = "device" }).ModelPath),
        File.ReadAllBytes(Compress(job.Request with { Quantize = QuantizationMode.Float16, OutputName = "asked" }).ModelPath));

    [TestMethod]
    public void What_is_judged_has_every_rounding_and_what_is_timed_is_the_file_itself()
    {
        var request = job.Request with { Quantize = QuantizationMode.Float16 };
        Compress(request);
        var (cache, keys) = (new ResultCache(request.CacheFolder), CompressionKeys.Of(request, ContentHash.OfFile));
        var variant = new CompressionVariant(request, keys, PassesFile.TryRead(cache.Passes(keys.Compression))!, new PhaseClock(null));

        Assert.IsTrue(JudgedModel.IsRounded(variant));
        Assert.AreEqual(Running(settings => ModelSession.Open(cache.Model(keys.Compression), settings)), Running(settings => JudgedModel.OpenTimed(variant, cache, settings)));
        Assert.AreNotEqual(Running(settings => JudgedModel.OpenTimed(variant, cache, settings)), Running(settings => JudgedModel.Open(variant, cache, settings)));
    }

    [TestMethod]
    public void With_data_an_overflow_is_seen_on_a_CPU_too()
    {
        var random = new Random(1);
        float[] Weight(double factor) => [.. Enumerable.Range(0, 64 * 64).Select(_ => (float)(factor * ((random.NextDouble() * 2) - 1)))];
        var model = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Constant("w", Weight(60_000), 64, 64).Constant("v", Weight(0.001), 64, 64)
            .Node("MatMul", ["x", "w"], ["p"], "large").Node("Abs", ["p"], ["a"]).Node("Softmax", ["a"], ["s"]).Node("MatMul", ["s", "v"], ["y"], "small").Output("y", DataType.Float, "batch", 64).Save(folder);

        var report = Compress(job.Request with { ModelPath = model, Quantize = QuantizationMode.Float16 }).Report;

        Assert.AreEqual("float float16", string.Join(' ', report.Layers.Select(layer => layer.Format)));
        Assert.Contains("beyond half of the 65504", report.Layers[0].Reason!);
    }

    [TestMethod]
    public void It_has_a_calibration_of_its_own_which_it_shares_with_devices_of_float16()
    {
        string Calibration(CompressionRequest request) => CompressionKeys.Of(request, ContentHash.OfFile).Calibration;

        Assert.AreNotEqual(Calibration(job.Request), Calibration(job.Request with { Quantize = QuantizationMode.Float16 }));
        Assert.AreEqual(Calibration(job.Request with { Device = DeviceProfiles.Gpu }), Calibration(job.Request with { Quantize = QuantizationMode.Float16 }));
    }

    [TestMethod]
    public void It_has_no_ORT_format_as_devices_of_float16_have_none()
    {
        var error = Expect.Error(DiagnosticCodes.NoOrtFormat, () => Compress(job.Request with { Quantize = QuantizationMode.Float16, Format = ModelFormat.Ort }));

        Assert.Contains("Quantize=\"fp16\" computes in float16", error.Message);
    }

    [TestMethod]
    public void Integers_only_contradict_it() =>
        Expect.Error(DiagnosticCodes.MetadataContradicts, () => Compress(job.Request with { Quantize = QuantizationMode.Float16, IntegerOnly = true }));

    /// <summary>The operators that run.</summary>
    private string Running(Func<SessionSettings, ModelSession> open)
    {
        var optimized = folder.File("optimized.onnx");
        open(new SessionSettings { OptimizedModelPath = optimized }).Dispose();
        return string.Join(' ', Compression.Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimized)).Graph.Node.Select(node => node.OpType));
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
