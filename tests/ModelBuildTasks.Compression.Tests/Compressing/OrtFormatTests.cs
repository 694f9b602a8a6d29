using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Format="ort": a file that the runtime loads without optimizing it.</summary>
[TestClass]
public sealed class OrtFormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SmallJob job = new();

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    [DataRow(NumericFormat.UInt8)]
    [DataRow(NumericFormat.Int8)]
    public void A_real_network_computes_on_bytes_and_gives_what_its_onnx_form_gives(NumericFormat activations)
    {
        var request = Digits("a") with { Device = new DeviceProfile { Name = "device", Activations = activations } };

        var result = Compress(request);

        Assert.AreEqual(folder.File("a/digits.ort"), result.ModelPath);
        Assert.AreEqual("int8", result.Report.Variant);
        Assert.AreEqual(new FileInfo(result.ModelPath).Length, result.Report.CompressedBytes);
        Assert.IsEmpty(result.Report.Warnings);
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(result.ModelPath));
        Assert.Contains("QLinearConv", text);
        Assert.Contains("QGemm", text);
        Assert.DoesNotContain("DequantizeLinear", text);
        var onnx = Compress(request with { Format = ModelFormat.Qdq, OutputFolder = folder.File("onnx") });
        Assert.IsGreaterThan(60, Agreement(onnx.ModelPath, result.ModelPath).SqnrDb!.Value);
        Assert.AreEqual(onnx.Report.Sparsity, result.Report.Sparsity);
        Assert.IsTrue(onnx.Report.Layers.SequenceEqual(result.Report.Layers));
    }

    [TestMethod]
    public void Two_builds_in_other_folders_write_the_same_bytes_without_a_path()
    {
        var first = Compress(Digits("first"));
        var second = Compress(Digits("elsewhere/second") with { CacheFolder = folder.File("another cache") });

        var bytes = File.ReadAllBytes(first.ModelPath);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(second.ModelPath));
        var text = Encoding.Latin1.GetString(bytes);
        Assert.DoesNotContain(folder.Path, text);
        Assert.DoesNotContain("digits", text);
        Assert.DoesNotContain(".ort", text);
    }

    [TestMethod]
    public void It_loads_from_memory_too()
    {
        var bytes = File.ReadAllBytes(Compress(job.Request with { Format = ModelFormat.Ort }).ModelPath);

        using var session = new InferenceSession(bytes);

        Assert.AreEqual("x", session.InputNames.Single());
    }

    [TestMethod]
    public void A_second_build_takes_it_from_the_cache()
    {
        var request = job.Request with { Format = ModelFormat.Ort };
        Compress(request);
        var phases = new PhaseLog();

        ModelCompressor.Compress(request, phases, CancellationToken.None);

        Assert.AreEqual("", phases.Text);
    }

    [TestMethod]
    public void Weights_alone_stay_bytes_and_a_warning_says_what_that_costs()
    {
        var request = job.Request with { Quantize = QuantizationMode.Int8Weights, Format = ModelFormat.Ort };

        var result = Compress(request);

        var warning = result.Report.Warnings.Single();
        Assert.AreEqual(DiagnosticCodes.WeightsRestoredOnEveryRun, warning.Code);
        StringAssert.Contains(warning.Message, "Add Calibration");
        Assert.IsLessThan(result.Report.OriginalBytes * 0.6, result.Report.CompressedBytes);
        var onnx = Compress(request with { Format = ModelFormat.Qdq });
        Assert.AreEqual(onnx.Report.SqnrDb!.Value, result.Report.SqnrDb!.Value, 0.5);
    }

    [TestMethod]
    public void A_table_of_bytes_is_looked_up_before_it_is_restored()
    {
        var model = ModelBuilder.Create().Input("i", DataType.Int64, "n").Constant("table", RandomTensors.Weight(1, 500, 64)).Node("Gather", ["table", "i"], ["y"], "lookup").Output("y", DataType.Float, "n", 64).Save(folder);
        var request = job.Request with { ModelPath = model, Calibration = [], Quantize = QuantizationMode.Int8Weights };

        var result = Compress(request with { Format = ModelFormat.Ort });

        CollectionAssert.DoesNotContain(result.Report.Warnings.Select(warning => warning.Code).ToArray(), DiagnosticCodes.WeightsRestoredOnEveryRun);
        Assert.IsLessThan(result.Report.OriginalBytes / 3, result.Report.CompressedBytes);
        var indices = new TensorValue(DataType.Int64, [3], MemoryMarshal.AsBytes<long>([7, 499, 0]).ToArray());
        CollectionAssert.AreEqual(Run(Compress(request with { OutputFolder = folder.File("onnx") }).ModelPath, "i", indices), Run(result.ModelPath, "i", indices));
    }

    [TestMethod]
    public void Without_quantization_the_original_is_written()
    {
        var result = Compress(job.Request with { Quantize = QuantizationMode.None, Format = ModelFormat.Ort });

        Assert.AreEqual("float", result.Report.Variant);
        Assert.IsGreaterThan(120, result.Report.SqnrDb!.Value);
        Assert.AreEqual(".ort", Path.GetExtension(result.ModelPath));
    }

    [TestMethod]
    public void A_model_that_becomes_no_smaller_is_written_as_it_is_with_the_usual_warning()
    {
        var model = ModelBuilder.Create().Input("x", 1, 4).Node("Relu", ["x"], ["y"]).Output("y", 1, 4).Save(folder);

        var result = Compress(job.Request with { ModelPath = model, Calibration = [], Format = ModelFormat.Ort });

        Assert.AreEqual("float", result.Report.Variant);
        CollectionAssert.Contains(result.Report.Warnings.Select(warning => warning.Code).ToArray(), DiagnosticCodes.NothingCompressed);
        using var session = ModelSession.Open(result.ModelPath, new SessionSettings());
        Assert.AreEqual("x", session.Inputs.Single().Name);
    }

    [TestMethod]
    public void External_data_moves_into_the_file()
    {
        var path = SparseModel.WriteMatrix(folder.File("model.onnx"), 64, 64);

        var result = Compress(job.Request with { ModelPath = path, Calibration = [], Quantize = QuantizationMode.None, Format = ModelFormat.Ort });

        var moved = folder.Write("alone/model.ort", File.ReadAllBytes(result.ModelPath));
        ModelSession.Open(moved, new SessionSettings()).Dispose();
    }

    [TestMethod]
    public void A_device_that_computes_in_float16_is_told_to_take_the_onnx_file()
    {
        var error = Expect.Error(DiagnosticCodes.NoOrtFormat, () => Compress(job.Request with { Format = ModelFormat.Ort, Device = DeviceProfiles.Gpu }));

        StringAssert.Contains(error.Message, "remove Format");
    }

    [TestMethod]
    public void A_model_beyond_2_GiB_is_refused_before_anything_is_done()
    {
        var path = SparseModel.WriteMatrix(folder.File("large.onnx"), 131_328, 4096);

        Expect.Error(DiagnosticCodes.NoOrtFormat, () => OrtConversion.RequirePossible(job.Request with { ModelPath = path, Format = ModelFormat.Ort }));
    }

    [TestMethod]
    public void What_the_runtime_cannot_save_is_an_error_that_says_why()
    {
        using var work = Compression.Packaging.WorkFolder.Create(folder.Path);
        var model = ModelBuilder.Create().Input("x", 1, 4).Output("y").Node("NoSuchOperator", ["x"], ["y"]).Save(folder);

        var error = Expect.Error(DiagnosticCodes.NoOrtFormat, () => OrtConversion.Convert(model, folder.File("model.ort"), job.Request with { ModelPath = model, Format = ModelFormat.Ort }, work));

        StringAssert.Contains(error.Message, "NoSuchOperator");
    }

    [TestMethod]
    public void Results_have_the_output_name_and_ranges_the_name_of_the_model()
    {
        Compress(job.Request with { OutputName = "model.arm64", Format = ModelFormat.Ort });

        CollectionAssert.AreEquivalent(new[] { "model.arm64.ort", "model.arm64.report.html", "model.arm64.report.json", "model.ranges.json" }, Directory.GetFiles(job.Output).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void The_two_formats_have_entries_of_their_own_in_the_cache()
    {
        var onnx = Compress(job.Request);
        var ort = Compress(job.Request with { Format = ModelFormat.Ort });

        CollectionAssert.AreEqual("ORTM"u8.ToArray(), File.ReadAllBytes(ort.ModelPath)[4..8]);
        using var model = OnnxModel.Load(onnx.ModelPath);
        Assert.AreEqual(1, Directory.GetFiles(job.File("cache/models"), "*.ort").Length);
        Assert.AreEqual(1, Directory.GetFiles(job.File("cache/models"), "*.onnx").Length);
    }

    private CompressionRequest Digits(string output) => DigitReaderSample.Request(folder, output) with { Format = ModelFormat.Ort };

    private static Comparison Agreement(string first, string second)
    {
        using var left = ModelSession.Open(first, new SessionSettings());
        using var right = ModelSession.Open(second, new SessionSettings());
        var digits = SampleSet.Open([DigitReaderSample.Test], left.Ports, new ImageOptions());
        return ModelComparison.Compare(left, right, digits, [.. Enumerable.Range(0, 200)], Metric.Auto, progress: null, CancellationToken.None);
    }

    private static float[] Run(string path, string input, ModelValue value)
    {
        using var session = ModelSession.Open(path, new SessionSettings());
        float[] result = [];
        session.Run(new Dictionary<string, ModelValue> { [input] = value }, (_, _, _, bytes) => result = MemoryMarshal.Cast<byte, float>(bytes).ToArray(), CancellationToken.None);
        return result;
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
