using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

/// <summary>Models whose tensors are saved beside them, or stay where they are.</summary>
[TestClass]
public sealed class SavingWithDataTests : IDisposable
{
    private const int Size = 50_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void The_model_comes_back_from_both_files()
    {
        using var model = Large().Load(folder);

        ExternalDataWriter.Write(model.Proto, folder.File("out/out.onnx"), model.Path);

        using var saved = OnnxModel.Load(folder.File("out/out.onnx"));
        Assert.AreEqual(model.Proto, saved.Proto);
        Assert.IsLessThan(1000, new FileInfo(folder.File("out/out.onnx")).Length);
        CollectionAssert.AreEqual(new[] { "out.onnx", "out.onnx.data" }, Names("out"));
    }

    [TestMethod]
    public void Tensors_begin_at_pages_and_shared_bytes_are_there_once()
    {
        var proto = Large().Build();
        proto.Graph.Initializer.Add(proto.Graph.Initializer[0].Clone());
        Assert.AreSame(proto.Graph.Initializer[0].RawData, proto.Graph.Initializer[2].RawData);

        Directory.CreateDirectory(folder.File("out"));
        ExternalDataWriter.Write(proto, folder.File("out/out.onnx"), "model.onnx");

        var saved = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder.File("out/out.onnx"))).Graph.Initializer;
        // 200,000 bytes take 49 pages of 4096.
        CollectionAssert.AreEqual(new[] { "0", "200704", "0" }, saved.Select(tensor => tensor.ExternalData.Single(entry => entry.Key == "offset").Value).ToArray());
        Assert.AreEqual(200_704 + 200_000, new FileInfo(folder.File("out/out.onnx.data")).Length);
    }

    [TestMethod]
    public void Models_below_2_GiB_are_one_file()
    {
        using var model = Large().Load(folder);

        model.SaveOfAnySize(folder.File("out/out.onnx"));

        CollectionAssert.AreEqual(new[] { "out.onnx" }, Names("out"));
        model.Save(folder.File("same.onnx"));
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("same.onnx")), File.ReadAllBytes(folder.File("out/out.onnx")));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows, IgnoreMessage = "Windows does not let a mapped file be cut off.")]
    public void A_save_that_fails_leaves_neither_file()
    {
        using var model = Large().Load(folder);
        using (var file = new FileStream(model.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(100);
        }

        Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => ExternalDataWriter.Write(model.Proto, folder.File("out/out.onnx"), model.Path));

        Assert.IsEmpty(Names("out"));
    }

    [TestMethod]
    public void Without_the_place_of_the_model_there_is_no_data_either()
    {
        using var model = Large().Load(folder);
        Directory.CreateDirectory(folder.File("out/out.onnx"));

        Expect.Error(DiagnosticCodes.OutputNotWritable, () => ExternalDataWriter.Write(model.Proto, folder.File("out/out.onnx"), model.Path));

        CollectionAssert.AreEqual(new[] { "out.onnx" }, Names("out"));
    }

    [TestMethod]
    public void ONNX_Runtime_reads_the_data()
    {
        using var model = Large().Load(folder);
        Directory.CreateDirectory(folder.File("out"));

        ExternalDataWriter.Write(model.Proto, folder.File("out/out.onnx"), model.Path);

        Assert.AreEqual(1f + 7 + 2, Run(folder.File("out/out.onnx")));
    }

    [TestMethod]
    public void A_referring_model_reads_tensors_out_of_the_file_that_it_was_loaded_from()
    {
        using var model = Large().Load(folder);

        model.SaveReferring(folder.File("referring.onnx"));

        Assert.IsLessThan(1000, new FileInfo(folder.File("referring.onnx")).Length);
        Assert.AreEqual(1f + 7 + 2, Run(folder.File("referring.onnx")));
        using var saved = OnnxModel.Load(folder.File("referring.onnx"));
        Assert.AreEqual(model.Proto, saved.Proto);
    }

    [TestMethod]
    public void A_referring_model_holds_what_is_in_no_file_of_its_folder()
    {
        using var model = Large().Load(folder);
        model.Proto.Graph.Initializer[0] = TensorValues.Create("first", Enumerable.Repeat(5f, Size).ToArray(), Size);

        model.SaveReferring(folder.File("referring.onnx"));
        Assert.AreEqual(1f + 5 + 2, Run(folder.File("referring.onnx")));

        Directory.CreateDirectory(folder.File("elsewhere"));
        model.SaveReferring(folder.File("elsewhere/referring.onnx"));
        Assert.AreEqual(1f + 5 + 2, Run(folder.File("elsewhere/referring.onnx")));
    }

    private static float Run(string path)
    {
        using var session = new InferenceSession(path);
        using var input = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1f, Size).ToArray(), [Size]);
        using var outputs = session.Run(new RunOptions(), ["x"], [input], ["y"]);
        return outputs[0].GetTensorDataAsSpan<float>()[7];
    }

    private static ModelBuilder Large() => ModelBuilder.Create()
        .Input("x", Size)
        .Constant("first", Enumerable.Range(0, Size).Select(value => (float)value).ToArray(), Size)
        .Constant("second", Enumerable.Repeat(2f, Size).ToArray(), Size)
        .Node("Add", ["x", "first"], ["sum"])
        .Node("Add", ["sum", "second"], ["y"])
        .Output("y", Size);

    private string[] Names(string name) => [.. Directory.GetFileSystemEntries(folder.File(name)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
