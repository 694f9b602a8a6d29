using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
[DoNotParallelize]
public sealed class LargeModelsTests : IDisposable
{
    private const long Mebibyte = 1 << 20;

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
    public void A_tensor_beyond_2_GiB_is_a_coded_error()
    {
        var path = SparseModel.Write(folder.File("model.onnx"), 1, 513 * Mebibyte);

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
}
