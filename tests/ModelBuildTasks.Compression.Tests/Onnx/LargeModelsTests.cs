using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
[DoNotParallelize]
public sealed class LargeModelsTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

    private const long BeyondASpan = 513 * Mebibyte;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "Only Linux tells and resets the peak of the resident memory.")]
    [DataRow(32, 8 * Mebibyte)]
    [DataRow(2048, 128 * 1024)]
    public void Loading_editing_and_saving_keep_the_weights_out_of_memory(int tensors, long bytesPerTensor)
    {
        var path = SparseModel.Write(folder.File("model.onnx"), tensors, bytesPerTensor / sizeof(float));
        var before = ResidentMemory.RestartPeak();

        using (var model = OnnxModel.Load(path))
        {
            model.Proto.Graph.Initializer[1] = TensorValues.Create("weight1", new float[bytesPerTensor / sizeof(float)], bytesPerTensor / sizeof(float));
            model.Save(folder.File("out.onnx"));
        }

        // The model has 256 MiB. What is allowed is the edited tensor and its bytes (2 × 8 MiB), buffers, code and the garbage of the
        // structure.
        var growth = ResidentMemory.Peak() - before;
        Assert.IsLessThan(80 * Mebibyte, growth, $"resident memory grew by {growth / Mebibyte} MiB");
        Assert.IsGreaterThan(256 * Mebibyte, new FileInfo(folder.File("out.onnx")).Length);
    }

    [TestMethod]
    public void A_tensor_beyond_2_GiB_is_read_in_parts()
    {
        using var model = OnnxModel.Load(WriteWithLastValue(5));
        var tensor = model.Proto.Graph.Initializer[0];
        Assert.AreEqual(BeyondASpan * sizeof(float), tensor.RawData.Size());

        var reader = new SinglesReader(tensor);
        Assert.AreEqual(BeyondASpan, reader.Count);
        Assert.AreEqual(0f, reader.Read(0, 10)[9]);
        Assert.AreEqual(5f, reader.Read(BeyondASpan - 10, 10)[9]);

        Assert.ThrowsExactly<InvalidOperationException>(() => tensor.Singles()[0]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "Only Linux tells and resets the peak of the resident memory, and holes are certain there.")]
    public void A_tensor_beyond_2_GiB_is_saved_beside_the_model_and_comes_back()
    {
        var path = WriteWithLastValue(5);
        var before = ResidentMemory.RestartPeak();

        using (var model = OnnxModel.Load(path))
        {
            model.SaveOfAnySize(folder.File("out.onnx"));
        }

        using var saved = OnnxModel.Load(folder.File("out.onnx"));
        var reader = new SinglesReader(saved.Proto.Graph.Initializer[0]);
        Assert.AreEqual(BeyondASpan, reader.Count);
        Assert.AreEqual(5f, reader.Read(BeyondASpan - 10, 10)[9]);
        Assert.AreEqual(BeyondASpan * sizeof(float), new FileInfo(folder.File("out.onnx.data")).Length);
        Assert.IsLessThan(1000, new FileInfo(folder.File("out.onnx")).Length);
        Assert.IsTrue(saved.IsLarge);
        var growth = ResidentMemory.Peak() - before;
        Assert.IsLessThan(40 * Mebibyte, growth, $"resident memory grew by {growth / Mebibyte} MiB");
    }

    [TestMethod]
    public void Values_beyond_2_GiB_that_are_no_raw_data_are_a_coded_error()
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 1, 1);
        using (var file = new FileStream(path, FileMode.Append))
        {
            var length = BeyondASpan * sizeof(float);
            byte[] values = SparseModel.Header(TensorProto.FloatDataFieldNumber, length);
            byte[] initializer = [.. SparseModel.Header(GraphProto.InitializerFieldNumber, values.Length + length), .. values];
            file.Write([.. SparseModel.Header(ModelProto.GraphFieldNumber, initializer.Length + length), .. initializer]);
            file.SetLength(file.Position + length);
        }

        Expect.Error(DiagnosticCodes.ModelTooLarge, () => OnnxModel.Load(path));
    }

    [TestMethod]
    public void A_model_beyond_2_GiB_is_read_but_not_written()
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 3, 256 * Mebibyte);
        using var model = OnnxModel.Load(path);
        Assert.AreEqual(0f, model.Proto.Graph.Initializer[2].Singles()[^1]);

        Expect.Error(DiagnosticCodes.ModelTooLarge, () => model.Save(folder.File("out.onnx")));

        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void The_signature_of_a_model_beyond_2_GiB_is_read()
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 3, 256 * Mebibyte);

        Assert.AreEqual("sum2", OnnxSignature.Read(path).Outputs.Single().Name);
    }

    // The values are the last of the file.
    private string WriteWithLastValue(float value)
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 1, BeyondASpan);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = file.Length - sizeof(float);
        file.Write(BitConverter.GetBytes(value));
        return path;
    }
}
