using System.Runtime.InteropServices;
using ModelBuildTasks.Compression.Calibration;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Evaluation;
using ModelBuildTasks.Compression.Execution;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Packaging;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Requests for integers only, from the item's options to the report.</summary>
[TestClass]
public sealed class IntegerOnlyRunTests
{
    [TestMethod]
    public void A_model_takes_and_gives_bytes_and_is_judged_on_floats()
    {
        using var job = new SmallJob();

        var result = ModelCompressor.Compress(job.Request with { IntegerOnly = true }, progress: null, CancellationToken.None);

        var signature = OnnxSignature.Read(result.ModelPath);
        Assert.AreEqual("x:2 y:2", string.Join(' ', signature.Inputs.Concat(signature.Outputs).Select(port => $"{port.Name}:{port.ElementType}")));
        Assert.IsNotNull(signature.Inputs[0].Quantization);
        Assert.IsNotNull(signature.Outputs[0].Quantization);
        Assert.AreEqual("int8-integer", result.Report.Variant);
        Assert.AreEqual(new FileInfo(result.ModelPath).Length, result.Report.CompressedBytes);
        Assert.IsGreaterThan(25, result.Report.SqnrDb!.Value);
        Assert.IsNotNull(result.Report.Latency);
    }

    [TestMethod]
    public void What_an_application_computes_with_the_metadata_is_what_the_original_computes()
    {
        using var job = new SmallJob();
        var result = ModelCompressor.Compress(job.Request with { IntegerOnly = true }, progress: null, CancellationToken.None);
        var signature = OnnxSignature.Read(result.ModelPath);
        var (input, output) = (signature.Inputs[0].Quantization!, signature.Outputs[0].Quantization!);
        var random = new Random(5);
        float[] image = [.. Enumerable.Range(0, 64).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        byte[] stored = Array.ConvertAll(image, value => (byte)Math.Clamp(Math.Round(value / input.Scale) + input.ZeroPoint, 0, 255));

        var expected = MemoryMarshal.Cast<byte, float>(Run(job.ModelPath, new TensorValue(DataType.Float, [1, 64], MemoryMarshal.AsBytes(image.AsSpan()).ToArray()))).ToArray();
        var actual = Array.ConvertAll(Run(result.ModelPath, new TensorValue(DataType.Uint8, [1, 64], stored)), value => (value - output.ZeroPoint) * output.Scale);

        Assert.HasCount(8, actual);
        var (signal, noise) = expected.Zip(actual, (x, y) => (x * x, (x - y) * (x - y))).Aggregate((0.0, 0.0), (sum, term) => (sum.Item1 + term.Item1, sum.Item2 + term.Item2));
        Assert.IsGreaterThan(25, 10 * Math.Log10(signal / noise));
    }

    [TestMethod]
    public void Its_ranges_are_not_those_of_static_int8_and_its_own_are_used_again()
    {
        using var job = new SmallJob();
        ModelCompressor.Compress(job.Request, progress: null, CancellationToken.None);

        var first = ModelCompressor.Compress(job.Request with { IntegerOnly = true }, progress: null, CancellationToken.None);
        var again = ModelCompressor.Compress(job.Request with { IntegerOnly = true, Calibration = [], Validation = [job.DataPath], Ranges = Path.Combine(job.Output, "model.ranges.json") }, progress: null, CancellationToken.None);

        Assert.IsNull(again.Report.Layers.FirstOrDefault(layer => layer.Format != "int8"));
        Assert.AreEqual(first.Report.CompressedBytes, again.Report.CompressedBytes);
    }

    [TestMethod]
    public void A_model_that_does_not_get_smaller_is_integer_all_the_same()
    {
        using var job = new SmallJob();
        using var folder = new TemporaryFolder();
        var tiny = ModelBuilder.Create().Input("x", DataType.Float, "batch", 64).Node("Tanh", ["x"], ["y"]).Output("y", DataType.Float, "batch", 64).Save(folder, "tiny.onnx");

        var result = ModelCompressor.Compress(job.Request with { ModelPath = tiny, IntegerOnly = true }, progress: null, CancellationToken.None);

        Assert.AreEqual("int8-integer", result.Report.Variant);
        Assert.AreEqual((int)DataType.Uint8, OnnxSignature.Read(result.ModelPath).Inputs[0].ElementType);
    }

    [TestMethod]
    public void Without_int8_it_is_an_error() => AssertContradiction("Quantize is not int8", request => request with { Quantize = QuantizationMode.Int8Weights });

    [TestMethod]
    public void Without_data_it_is_an_error() => AssertContradiction("neither Calibration nor Ranges", request => request with { Calibration = [] });

    [TestMethod]
    public void For_a_device_of_floats_it_is_an_error() =>
        AssertContradiction("'gpu' wants float16", request => request with { Device = DeviceProfiles.Gpu });

    [TestMethod]
    public void The_calibration_of_integers_only_has_a_key_of_its_own()
    {
        using var job = new SmallJob();
        var (every, some) = (CompressionKeys.Of(job.Request with { IntegerOnly = true }, ContentHash.OfFile), CompressionKeys.Of(job.Request, ContentHash.OfFile));

        Assert.AreNotEqual(some.Calibration, every.Calibration);
    }

    /// <summary>The sample's network on its 2,000 test digits, calibrated on its calibration digits.</summary>
    [TestMethod]
    public void The_digit_network_reads_as_well_on_integers()
    {
        using var folder = new TemporaryFolder();
        var request = DigitReaderSample.Request(folder) with { IntegerOnly = true, Validation = [DigitReaderSample.Test] };

        var report = ModelCompressor.Compress(request, progress: null, CancellationToken.None).Report;

        Console.WriteLine(SummaryLine.Of(report) + string.Create(System.Globalization.CultureInfo.InvariantCulture, $" · SQNR {report.SqnrDb:0.0} dB · latency ratio {report.Latency?.Ratio:0.00}"));
        Assert.IsTrue(report.Layers.All(layer => layer.Format == "int8"));
        Assert.IsLessThanOrEqualTo(0.005, report.Metric!.Drop);
        Assert.IsGreaterThan(25, report.SqnrDb!.Value);
    }

    private static void AssertContradiction(string reason, Func<CompressionRequest, CompressionRequest> change)
    {
        using var job = new SmallJob();

        var error = Expect.Error(DiagnosticCodes.MetadataContradicts, () => ModelCompressor.Compress(change(job.Request with { IntegerOnly = true }), progress: null, CancellationToken.None));

        Assert.Contains(reason, error.Message);
        Assert.Contains("IntegerOnly", error.Message);
    }

    private static byte[] Run(string path, TensorValue input)
    {
        using var session = ModelSession.Open(path, new SessionSettings());
        byte[] result = [];
        session.Run(new Dictionary<string, ModelValue> { ["x"] = input }, (_, _, _, bytes) => result = bytes.ToArray(), CancellationToken.None);
        return result;
    }
}
