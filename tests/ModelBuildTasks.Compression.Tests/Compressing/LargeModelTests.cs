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
    public void A_weight_beyond_2_GiB_becomes_bytes_and_is_never_in_memory()
    {
        var path = SparseModel.WriteMatrix(folder.File("model.onnx"), Rows, Columns);
        float[] lastRow = [.. Enumerable.Range(0, (int)Columns).Select(column => column % 2 == 0 ? 2f : -1f)];
        using (var data = new FileStream(path + ".data", FileMode.Open, FileAccess.Write))
        {
            data.Position = data.Length - (Columns * sizeof(float));
            data.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(lastRow.AsSpan()));
        }

        var before = ResidentMemory.RestartPeak();

        var result = ModelCompressor.Compress(Request(path, QuantizationMode.Int8), null, CancellationToken.None);

        var growth = ResidentMemory.Peak() - before;
        Assert.IsLessThan(200 * Mebibyte, growth, $"resident memory grew by {growth / Mebibyte} MiB");
        Assert.AreEqual("int8-weights", result.Report.Layers.Single().Format);
        using var compressed = OnnxModel.Load(result.ModelPath);
        var bytes = new BytesReader(compressed.Proto.Graph.Initializer.Single(tensor => tensor.Name == "w_q"));
        Assert.AreEqual(Rows * Columns, bytes.Length);
        Assert.AreEqual(0, bytes.Read(bytes.Length - (2 * Columns), (int)Columns).Span.IndexOfAnyExcept((byte)0) + 1);
        Assert.AreEqual("7F 81 7F 81", string.Join(' ', bytes.Read(bytes.Length - 4, 4).ToArray().Select(value => $"{value:X2}")));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.File("cache/work")));
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
