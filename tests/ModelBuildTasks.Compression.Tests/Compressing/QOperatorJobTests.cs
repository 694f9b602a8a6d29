using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Requests for integer operators, from the item's options to the report.</summary>
[TestClass]
public sealed class QOperatorJobTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SmallJob job = new();

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    public void A_real_network_is_written_as_integer_operators_and_judged_as_exactly_as_between_Q_and_DQ()
    {
        var request = DigitReaderSample.Request(folder, "qdq");
        var expected = Compress(request).Report;

        var result = Compress(request with { OutputFolder = folder.File("qoperator"), Format = ModelFormat.QOperator });

        var operators = ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ModelPath)).Graph.Node.Select(node => node.OpType).ToArray();
        Assert.AreEqual(result.Report.Layers.Count(layer => layer.Op == "Conv" && layer.Format == "int8"), operators.Count(operation => operation == "QLinearConv"));
        Assert.AreEqual(result.Report.Layers.Count(layer => layer.Op == "Gemm" && layer.Format == "int8"), operators.Count(operation => operation == "QGemm"));
        Assert.AreEqual("int8", result.Report.Variant);
        Assert.AreEqual(expected.SqnrDb, result.Report.SqnrDb);
        Assert.AreEqual(expected.Metric!.Compressed, result.Report.Metric!.Compressed);
        Assert.IsLessThanOrEqualTo(expected.CompressedBytes, result.Report.CompressedBytes);
        CollectionAssert.AreEqual(expected.Layers.ToArray(), result.Report.Layers.ToArray());
    }

    [TestMethod]
    public void Integers_only_are_integer_operators_already()
    {
        var request = job.Request with { IntegerOnly = true };
        var plain = File.ReadAllBytes(Compress(request).ModelPath);

        CollectionAssert.AreEqual(plain, File.ReadAllBytes(Compress(request with { Format = ModelFormat.QOperator }).ModelPath));
    }

    [TestMethod]
    [DataRow(QuantizationMode.None, "Quantize is none")]
    [DataRow(QuantizationMode.Int8Weights, "Quantize is int8-weights")]
    [DataRow(QuantizationMode.Int16, "Quantize is int16")]
    [DataRow(QuantizationMode.Float16, "Quantize is fp16")]
    public void Only_int8_has_integer_operators(QuantizationMode mode, string reason) => AssertContradiction(reason, request => request with { Quantize = mode });

    [TestMethod]
    public void Without_data_it_is_an_error() => AssertContradiction("neither Calibration nor Ranges", request => request with { Calibration = [] });

    [TestMethod]
    public void For_a_device_of_floats_it_is_an_error() => AssertContradiction("'gpu' wants float16", request => request with { Device = DeviceProfiles.Gpu });

    [TestMethod]
    public void For_signed_activations_on_other_processors_than_arm64_it_is_an_error() => AssertContradiction("'signed' wants signed activations", request => request with { Device = DeviceProfiles.Signed });

    [TestMethod]
    public void For_arm64_signed_activations_are_fine()
    {
        var arm64 = DeviceProfiles.Signed with { Architectures = ["arm64"] };
        var expected = Compress(job.Request with { Device = arm64, OutputName = "qdq" }).Report;

        var report = Compress(job.Request with { Device = arm64, Format = ModelFormat.QOperator }).Report;

        Assert.AreEqual(expected.SqnrDb!.Value, report.SqnrDb!.Value, 0.5);
    }

    private void AssertContradiction(string reason, Func<CompressionRequest, CompressionRequest> change)
    {
        var error = Expect.Error(DiagnosticCodes.MetadataContradicts, () => Compress(change(job.Request with { Format = ModelFormat.QOperator })));

        Assert.Contains(reason, error.Message);
        Assert.Contains("qoperator", error.Message);
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
