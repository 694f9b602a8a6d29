using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Quantization;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Compressing;

/// <summary>Models beyond 2 GiB, whose weights are holes in a file.</summary>
[TestClass]
[DoNotParallelize]
public sealed class LargeModelTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private const long Rows = 131_328;
    private const long Columns = 4096;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "Only Linux tells and resets the peak of the resident memory, and holes are certain there.")]
    public void A_model_beyond_2_GiB_is_never_in_memory()
    {
        // What makes it large is read by nobody, so that the test is quick; tests/Benchmarks compresses 3 GB of weights, and one weight of 2.4 GB.
        const int Weights = 256 * 256;
        const long Unused = 2100 * Mebibyte;
        float[] values = [.. Enumerable.Range(0, Weights).Select(value => (value % 255) - 127f)];
        var unused = new TensorProto { DataType = (int)TensorProto.Types.DataType.Uint8, Dims = { Unused } };
        new ExternalLocation("holes.data", 0, Unused).WriteTo(unused);
        using (var holes = File.Create(folder.File("holes.data")))
        {
            holes.SetLength(Unused);
        }

        var path = ModelBuilder.Create().Input("x", 1, 256).Constant("w", values, 256, 256).Constant("unused", unused).Node("MatMul", ["x", "w"], ["y"]).Output("y", 1, 256).Save(folder);
        var before = ResidentMemory.RestartPeak();

        var result = ModelCompressor.Compress(Request(path, QuantizationMode.Int8), null, CancellationToken.None);

        var growth = ResidentMemory.Peak() - before;
        Assert.IsLessThan(200 * Mebibyte, growth, $"resident memory grew by {growth / Mebibyte} MiB");
        Assert.AreEqual("int8-weights", result.Report.Layers.Single().Format);
        using var compressed = OnnxModel.Load(result.ModelPath);
        var bytes = compressed.Proto.Graph.Initializer.Single(tensor => tensor.ElementType() == TensorProto.Types.DataType.Int8).Bytes().ToArray();
        CollectionAssert.AreEqual(values, Array.ConvertAll(bytes, value => (float)(sbyte)value));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.File("cache/work")));
    }

    [TestMethod]
    public void A_step_beyond_2_GiB_is_traced_with_its_data_beside_it()
    {
        var path = SparseModel.WriteMatrix(folder.File("model.onnx"), Rows, Columns);
        using var model = OnnxModel.Load(path);

        CompressionTrace.Of(Request(path, QuantizationMode.Int8) with { TraceFolder = folder.File("trace") })!.Start("simplified", model);

        using var traced = OnnxModel.Load(folder.File("trace/1-simplified.onnx"));
        Assert.IsTrue(traced.IsLarge);
    }

    [TestMethod]
    public void A_model_beyond_2_GiB_that_stays_float_is_a_coded_error()
    {
        var path = SparseModel.WriteMatrix(folder.File("model.onnx"), Rows, Columns);

        var error = Expect.Error(DiagnosticCodes.ModelTooLarge, () => ModelCompressor.Compress(Request(path, QuantizationMode.None), null, CancellationToken.None));

        Assert.AreEqual(path, error.File);
        Assert.Contains("Quantize=\"int8\"", error.Message);
    }

    [TestMethod]
    public void A_single_file_beyond_2_GiB_is_a_coded_error()
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 3, 256 * Mebibyte);

        var error = Expect.Error(DiagnosticCodes.ModelTooLarge, () => ModelCompressor.Compress(Request(path, QuantizationMode.Int8), null, CancellationToken.None));

        Assert.Contains("external data", error.Message);
    }

    private CompressionRequest Request(string path, QuantizationMode mode) =>
        new() { ModelPath = path, Name = "model", OutputFolder = folder.File("out"), CacheFolder = folder.File("cache"), Quantize = mode };
}
