using ModelBuildTasks.Compression.Devices;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Passes;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Reporting;
using ModelBuildTasks.Compression.Tests.Compressing;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.WeightSharing;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.WeightSharing;

/// <summary>Weights that share values, from the request to the report.</summary>
[TestClass]
public sealed class SharingJobTests : IDisposable
{
    private readonly SmallJob job = new();
    private readonly TemporaryFolder folder = new();
    private int next;

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        job.Dispose();
        folder.Dispose();
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8, Effort.Fast)]
    [DataRow(QuantizationMode.Int8, Effort.Balanced)]
    [DataRow(QuantizationMode.Int8Weights, Effort.Balanced)]
    [DataRow(QuantizationMode.Int8Dynamic, Effort.Fast)]
    [DataRow(QuantizationMode.Int8Dynamic, Effort.Balanced)]
    [DataRow(QuantizationMode.Int16, Effort.Balanced)]
    [DataRow(QuantizationMode.Auto, Effort.Balanced)]
    public void Bytes_have_as_many_levels_as_asked_for_and_zeros_stay(QuantizationMode mode, Effort effort)
    {
        foreach (var isPairBound in new[] { false, true })
        {
            var request = Pruned() with { Quantize = mode, Effort = effort, Share = new SharingOptions(7), Device = DeviceProfiles.WithoutCosts with { PairBound = isPairBound } };
            var (report, model) = Compress(request);

            foreach (var weight in Weights(model, DataType.Int8))
            {
                Assert.IsLessThanOrEqualTo(7, weight.RawData.Distinct().Count(), weight.Name);
                Assert.IsGreaterThanOrEqualTo(weight.RawData.Length / 3, weight.RawData.Count(value => value == 0), weight.Name);
            }

            // A search may leave a layer float.
            Assert.HasCount(report.Sharing!.Layers, Weights(model, DataType.Int8).ToArray());
            Assert.IsGreaterThanOrEqualTo(mode == QuantizationMode.Auto ? 1 : 2, report.Sharing.Layers);
            Assert.AreEqual(7, report.Sharing.Values);
            Assert.IsGreaterThanOrEqualTo(0.33, report.Sparsity);
        }
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int8, ModelFormat.QOperator, false)]
    [DataRow(QuantizationMode.Int8, ModelFormat.Qdq, true)]
    public void Other_forms_of_int8_share_levels_too(QuantizationMode mode, ModelFormat format, bool integerOnly)
    {
        var (_, model) = Compress(Pruned() with { Quantize = mode, Format = format, IntegerOnly = integerOnly, Share = new SharingOptions(5) });

        Assert.HasCount(2, Weights(model, DataType.Int8).Where(weight => weight.RawData.Length >= 512).ToArray());
        Assert.IsTrue(Weights(model, DataType.Int8).All(weight => weight.RawData.Distinct().Count() <= 5));
    }

    [TestMethod]
    public void Halves_have_as_many_values_as_asked_for()
    {
        var (report, model) = Compress(Pruned() with { Quantize = QuantizationMode.Float16, Share = new SharingOptions(9) });

        Assert.HasCount(2, Weights(model, DataType.Float16).ToArray());
        foreach (var weight in Weights(model, DataType.Float16))
        {
            Assert.IsLessThanOrEqualTo(9, LittleEndian.Values<Half>(weight.RawData.Span).ToArray().Distinct().Count());
        }

        Assert.IsGreaterThanOrEqualTo(0.33, report.Sparsity);
        Assert.IsTrue(report.Layers.All(layer => layer.SqnrDb is > 10 and < 40));
    }

    [TestMethod]
    [DataRow(16, null)]
    [DataRow(16, 8)]
    [DataRow(30, null)]
    public void Sharing_alone_is_reported(int values, int? channels)
    {
        var (report, _) = Compress(Pruned() with { Quantize = QuantizationMode.None, Share = new SharingOptions(values, channels) });

        Assert.AreEqual("shared", report.Variant);
        Assert.AreEqual(new SharingReport(values, channels, report.Sharing!.Layers), report.Sharing);
        Assert.IsGreaterThan(0, report.Sharing.Layers);
        var shared = report.Layers.Where(layer => layer.Format == "shared").ToArray();
        Assert.HasCount(report.Sharing.Layers, shared);
        Assert.IsTrue(shared.All(layer => layer.BytesAfter < layer.BytesBefore && layer.OutputSqnrDb is not null));
        Assert.IsGreaterThanOrEqualTo(0.33, report.Sparsity);
        Assert.IsLessThan(0.6, report.Sparsity);
        Assert.IsTrue(report.Layers.All(layer => layer.BytesAfter <= layer.BytesBefore));
    }

    [TestMethod]
    [DataRow(QuantizationMode.None)]
    [DataRow(QuantizationMode.Int8)]
    public void Twice_the_same_request_gives_the_same_bytes(QuantizationMode mode)
    {
        var request = job.Request with { Quantize = mode, Share = new SharingOptions(16) };

        CollectionAssert.AreEqual(Bytes(request), Bytes(request));
    }

    [TestMethod]
    [DataRow(QuantizationMode.None, 4.0)]
    [DataRow(QuantizationMode.Int8Weights, 3.0)]
    public void Samples_make_the_network_for_digits_better(QuantizationMode mode, double gain)
    {
        var request = DigitReaderSample.Request(folder) with { Quantize = mode, Share = new SharingOptions(16), Validation = [DigitReaderSample.Test] };
        var (nearest, rounded) = (Compress(request with { Effort = Effort.Fast }).Report, Compress(request).Report);

        TestContext.WriteLine($"{nearest.SqnrDb:F1} dB, with samples {rounded.SqnrDb:F1} dB");
        Assert.IsGreaterThan(nearest.SqnrDb!.Value + gain, rounded.SqnrDb!.Value);
        Assert.IsLessThanOrEqualTo(0.005, rounded.Metric!.Original - rounded.Metric.Compressed);
    }

    [TestMethod]
    public void Weights_of_four_bits_share_values_already() => Expect.Error(
        DiagnosticCodes.MetadataContradicts, () => Compress(job.Request with { Quantize = QuantizationMode.Int4Weights, Share = new SharingOptions(16) }));

    [TestMethod]
    [DataRow(1, null)]
    [DataRow(257, null)]
    [DataRow(16, 0)]
    public void Other_numbers_of_values_are_refused(int values, int? channels) => Expect.Error(
        DiagnosticCodes.MetadataValueOutOfRange, () => Compress(job.Request with { Share = new SharingOptions(values, channels) }));

    /// <summary>The request of a model of which every third weight is zero.</summary>
    private CompressionRequest Pruned()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(job.ModelPath));
        foreach (var weight in model.Graph.Initializer.Where(tensor => tensor.Dims.Count == 2))
        {
            var values = weight.Singles().ToArray();
            weight.RawData = Google.Protobuf.ByteString.CopyFrom(LittleEndian.Bytes<float>([.. values.Select((value, index) => index % 3 == 0 ? 0 : value)]));
        }

        return job.Request with { ModelPath = folder.Write("pruned.onnx", Google.Protobuf.MessageExtensions.ToByteArray(model)) };
    }

    private static IEnumerable<TensorProto> Weights(ModelProto model, DataType type) => model.Graph.Initializer.Where(tensor => tensor.Dims.Count == 2 && tensor.ElementType() == type);

    private byte[] Bytes(CompressionRequest request) => File.ReadAllBytes(Run(request).ModelPath);

    private (CompressionReport Report, ModelProto Model) Compress(CompressionRequest request)
    {
        var result = Run(request);
        return (result.Report, ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ModelPath)));
    }

    private CompressionResult Run(CompressionRequest request) => ModelCompressor.Compress(
        request with { OutputFolder = folder.File($"out{++next}"), CacheFolder = folder.File($"cache{next}") }, null, TestContext.CancellationToken);
}
