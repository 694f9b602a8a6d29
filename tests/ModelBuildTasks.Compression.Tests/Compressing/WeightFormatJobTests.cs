using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Calibration;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>int4-weights and int8-dynamic from the request to the report.</summary>
[TestClass]
public sealed class WeightFormatJobTests : IDisposable
{
    private const int Width = 512;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(QuantizationMode.Int4Weights, ModelFormat.Qdq, 6.5, 17.0)]
    // The scales are of 32 bits there.
    [DataRow(QuantizationMode.Int4Weights, ModelFormat.Ort, 5.9, 17.0)]
    [DataRow(QuantizationMode.Int8Dynamic, ModelFormat.Qdq, 3.8, 35.0)]
    [DataRow(QuantizationMode.Int8Dynamic, ModelFormat.Ort, 3.8, 35.0)]
    public void Matrix_products_become_small_and_stay_right(QuantizationMode mode, ModelFormat format, double ratio, double sqnrDb)
    {
        var report = Compress(Products() with { Quantize = mode, Format = format }).Report;

        Assert.AreEqual(QuantizationModeNames.Of(mode), report.Variant);
        Assert.IsTrue(report.Layers.All(layer => layer.Format == report.Variant && layer.Reason is null));
        Assert.IsGreaterThan(ratio, (double)report.OriginalBytes / report.CompressedBytes);
        Assert.IsGreaterThan(sqnrDb, report.SqnrDb!.Value);
        Assert.IsEmpty(report.Warnings.Where(warning => warning.Code == DiagnosticCodes.WeightsRestoredOnEveryRun));
    }

    [TestMethod]
    [DataRow(QuantizationMode.Int4Weights)]
    [DataRow(QuantizationMode.Int8Dynamic)]
    public void In_ORT_format_what_no_operator_takes_is_restored_on_every_run_and_right(QuantizationMode mode)
    {
        var model = ModelBuilder.Create().Input("x", 1, 64, 12, 12).Output("y").Constant("k", RandomTensors.Weight(1, 64, 64, 3, 3)).Constant("w", RandomTensors.Weight(2, 6400, 64)).Constant("shape", [1L, 6400L], 2)
            .Node("Conv", ["x", "k"], ["c"], "conv").Node("Reshape", ["c", "shape"], ["r"]).Node("MatMul", ["r", "w"], ["y"], "product").Save(folder);
        var request = Request(model, [64, 12, 12]) with { Quantize = mode };

        var ort = Compress(request with { Format = ModelFormat.Ort, OutputFolder = folder.File("ort") }).Report;
        var onnx = Compress(request).Report;

        Assert.AreEqual(onnx.SqnrDb!.Value, ort.SqnrDb!.Value, 0.5);
        Assert.IsLessThan(0.35, (double)ort.CompressedBytes / ort.OriginalBytes);
    }

    [TestMethod]
    public void Blocks_decide_bytes_of_int4_weights_and_of_nothing_else()
    {
        var request = Products();
        string Key(CompressionRequest changed) => CompressionKeys.Of(changed, (path, _) => path).Compression;
        var int4 = request with { Quantize = QuantizationMode.Int4Weights };

        Assert.AreNotEqual(Key(int4), Key(int4 with { BlockSize = 64 }));
        Assert.AreNotEqual(Key(int4), Key(int4 with { Symmetric = false }));
        Assert.AreEqual(Key(request), Key(request with { BlockSize = 64, Symmetric = false }));
    }

    [TestMethod]
    public void Larger_blocks_are_smaller_and_zero_points_more_accurate()
    {
        var request = Products() with { Quantize = QuantizationMode.Int4Weights };

        var plain = Compress(request).Report;
        var large = Compress(request with { BlockSize = 128 }).Report;
        var asymmetric = Compress(request with { Symmetric = false }).Report;

        Assert.IsLessThan(plain.CompressedBytes, large.CompressedBytes);
        Assert.IsLessThan(plain.SqnrDb!.Value, large.SqnrDb!.Value);
        Assert.IsGreaterThan(plain.Layers[0].SqnrDb!.Value, asymmetric.Layers[0].SqnrDb!.Value);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(24)]
    [DataRow(512)]
    public void A_block_of_another_size_is_an_error(int size) =>
        Expect.Error(DiagnosticCodes.MetadataValueOutOfRange, () => Compress(Products() with { Quantize = QuantizationMode.Int4Weights, BlockSize = size }));

    private CompressionRequest Products()
    {
        var model = ModelBuilder.Create().Input("x", DataType.Float, "n", Width).Output("y", DataType.Float, "n", Width)
            .Constant("w", RandomTensors.Weight(1, Width, Width)).Constant("b", RandomTensors.Row(2, Width)).Constant("v", RandomTensors.Weight(3, Width, Width))
            .Node("Gemm", ["x", "w", "b"], ["h"], "first").Node("Relu", ["h"], ["r"]).Node("MatMul", ["r", "v"], ["y"], "second").Save(folder, "products.onnx");
        return Request(model, [Width]);
    }

    private CompressionRequest Request(string model, int[] shape)
    {
        var samples = RandomTensors.Singles(new Random(5), 12L * shape.Aggregate(1, (product, dimension) => product * dimension));
        return new CompressionRequest
        {
            ModelPath = model,
            Name = "model",
            OutputFolder = folder.File("out"),
            CacheFolder = folder.File("cache"),
            Validation = [folder.Write("data.npz", Npy.Archive(("x", Npy.Array(samples, [12, .. shape]))))],
        };
    }

    private static CompressionResult Compress(CompressionRequest request) => ModelCompressor.Compress(request, null, CancellationToken.None);
}
