using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class ModelSavingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Every_field_of_the_schema_and_unknown_ones_survive_reading_and_writing(int seed)
    {
        var original = FilledMessage.Fill(new ModelProto(), seed);
        using var payloads = new MappedPayloads(folder.Path);

        var read = ModelReader.Read(payloads.Open(folder.Write("model.onnx", original.ToByteArray())));
        using var written = new MemoryStream();
        new ModelWriter(read).Write(written, "out.onnx");

        Assert.AreEqual(original, read);
        Assert.AreEqual(original, ModelProto.Parser.ParseFrom(written.ToArray()));
        Assert.AreEqual(original.CalculateSize(), written.Length);
    }

    [TestMethod]
    public void A_saved_model_is_the_model()
    {
        using var model = Large().Load(folder);
        var path = folder.File("new/folder/out.onnx");

        model.Save(path);

        using var saved = OnnxModel.Load(path);
        Assert.AreEqual(model.Proto, saved.Proto);
    }

    [TestMethod]
    public void An_edited_tensor_is_saved_and_the_others_stay()
    {
        using var model = Large().Load(folder);
        var other = model.Proto.Graph.Initializer[1].Clone();
        var values = Enumerable.Repeat(5f, Size).ToArray();
        model.Proto.Graph.Initializer[0] = TensorValues.Create("first", values, Size);

        model.Save(folder.File("out.onnx"));

        using var saved = OnnxModel.Load(folder.File("out.onnx"));
        Assert.IsTrue(saved.Proto.Graph.Initializer[0].Singles().SequenceEqual(values));
        Assert.AreEqual(other, saved.Proto.Graph.Initializer[1]);
    }

    [TestMethod]
    public void The_same_model_gives_the_same_bytes()
    {
        using var model = Large().Load(folder);

        model.Save(folder.File("a.onnx"));
        model.Save(folder.File("b.onnx"));
        using var saved = OnnxModel.Load(folder.File("a.onnx"));
        saved.Save(folder.File("c.onnx"));

        var bytes = File.ReadAllBytes(folder.File("a.onnx"));
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(folder.File("b.onnx")));
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(folder.File("c.onnx")));
    }

    [TestMethod]
    public void A_model_can_be_saved_over_the_file_it_came_from()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows keeps a mapped file from being replaced: that is a coded error there.
            using var mapped = Large().Load(folder);
            Expect.Error(DiagnosticCodes.OutputNotWritable, () => mapped.Save(mapped.Path));
            return;
        }

        using var model = Large().Load(folder);
        var before = model.Proto.Clone();
        model.Save(model.Path);

        Assert.AreEqual(before, model.Proto);
        using var saved = OnnxModel.Load(model.Path);
        Assert.AreEqual(before, saved.Proto);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows, IgnoreMessage = "Windows does not let a mapped file be cut off.")]
    public void A_save_that_fails_leaves_the_earlier_file_and_nothing_else()
    {
        var output = folder.Write("out/out.onnx", [1, 2, 3]);
        using var model = Large().Load(folder);
        // The bytes behind the view are gone when they are copied.
        using (var file = new FileStream(model.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(100);
        }

        Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => model.Save(output));

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, File.ReadAllBytes(output));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.File("out")));
    }

    [TestMethod]
    public void A_folder_in_the_way_is_a_coded_error()
    {
        using var model = Large().Load(folder);
        Directory.CreateDirectory(folder.File("out.onnx/inner"));

        Expect.Error(DiagnosticCodes.OutputNotWritable, () => model.Save(folder.File("out.onnx")));
    }

    [TestMethod]
    public void A_file_where_a_folder_should_be_is_a_coded_error()
    {
        using var model = Large().Load(folder);
        folder.Write("file", []);

        Expect.Error(DiagnosticCodes.OutputNotWritable, () => model.Save(folder.File("file/out.onnx")));
    }

    [TestMethod]
    public void ONNX_Runtime_reads_what_was_saved()
    {
        using var model = Large().Load(folder);
        model.Save(folder.File("out.onnx"));
        using var session = new InferenceSession(folder.File("out.onnx"));
        using var input = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1f, Size).ToArray(), [Size]);

        using var outputs = session.Run(new RunOptions(), ["x"], [input], ["y"]);

        // 1 + first + second, where first counts up and second is all 2.
        Assert.AreEqual(1f + 7 + 2, outputs[0].GetTensorDataAsSpan<float>()[7]);
    }

    private const int Size = 50_000;

    private static ModelBuilder Large() => ModelBuilder.Create()
        .Input("x", Size)
        .Constant("first", Enumerable.Range(0, Size).Select(value => (float)value).ToArray(), Size)
        .Constant("second", Enumerable.Repeat(2f, Size).ToArray(), Size)
        .Node("Add", ["x", "first"], ["sum"])
        .Node("Add", ["sum", "second"], ["y"])
        .Output("y", Size);
}
