using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class ExternalDataTests : IDisposable
{
    private const int Size = 5000;
    private const int Bytes = Size * sizeof(float);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void External_data_looks_like_any_other()
    {
        using var model = Load(Tensor("weights.bin"), Values());

        var tensor = model.Proto.Graph.Initializer[0];
        Assert.AreEqual(TensorValues.Create("w", Singles(), Size), tensor);
        Assert.AreEqual(new FileInfo(model.Path).Length + Bytes, model.SizeInBytes);
    }

    [TestMethod]
    public void Offset_and_length_choose_a_range()
    {
        using var model = Load(Tensor("weights.bin", ("offset", "8"), ("length", $"{Bytes}")), [.. new byte[8], .. Values(), 1, 2, 3]);

        Assert.IsTrue(model.Proto.Graph.Initializer[0].Singles().SequenceEqual(Singles()));
    }

    [TestMethod]
    public void Without_a_length_the_shape_tells_it()
    {
        using var model = Load(Tensor("weights.bin", ("offset", "4")), [.. new byte[4], .. Values(), 1, 2, 3]);

        Assert.IsTrue(model.Proto.Graph.Initializer[0].Singles().SequenceEqual(Singles()));
    }

    [TestMethod]
    public void Bytes_that_several_tensors_share_count_once()
    {
        folder.Write("weights.bin", [.. Values(), .. new byte[100]]);
        var builder = ModelBuilder.Create().Input("x", Size).Node("Relu", ["x"], ["y"]).Output("y", Size)
            .Constant("a", Tensor("weights.bin"))
            .Constant("b", Tensor("weights.bin"))
            .Constant("c", Tensor("weights.bin", ("offset", "40")));

        using var model = builder.Load(folder);

        Assert.AreEqual(new FileInfo(model.Path).Length + Bytes + 40, model.SizeInBytes);
    }

    [TestMethod]
    public void A_saved_model_needs_no_other_file()
    {
        using (var model = Load(Tensor("sub/weights.bin"), Values()))
        {
            model.Save(folder.File("saved/out.onnx"));
        }

        using var session = new InferenceSession(folder.File("saved/out.onnx"));
        using var input = OrtValue.CreateTensorValueFromMemory(new float[Size], [Size]);
        using var outputs = session.Run(new RunOptions(), ["x"], [input], ["y"]);
        Assert.IsTrue(outputs[0].GetTensorDataAsSpan<float>().SequenceEqual(Singles()));
    }

    [TestMethod]
    public void External_data_of_Constant_nodes_and_subgraphs_is_found()
    {
        folder.Write("weights.bin", Values());
        var builder = ModelBuilder.Create().Input("x", Size).Input("condition", DataType.Bool).Output("y", Size)
            .ConstantNode("c", Tensor("weights.bin"))
            .Node("If", ["condition"], ["y"], ("then_branch", ModelBuilder.Subgraph(then => then.ConstantNode("t", Tensor("weights.bin")).Output("t"))));

        using var model = builder.Load(folder);

        Assert.IsTrue(MessageTree.Tensors(model.Proto).All(tensor => tensor.Singles()[1] == 1));
        Assert.HasCount(2, MessageTree.Tensors(model.Proto).ToList());
    }

    [TestMethod]
    [DataRow("/etc/hostname")]
    [DataRow("C:\\weights.bin")]
    [DataRow("C:weights.bin")]
    [DataRow("\\\\server\\share\\weights.bin")]
    [DataRow("../weights.bin")]
    [DataRow("..\\weights.bin")]
    [DataRow("sub/../../weights.bin")]
    [DataRow("sub/../../model/weights.bin")]
    [DataRow("..")]
    [DataRow(".")]
    [DataRow("")]
    [DataRow("weights\0.bin")]
    public void A_path_that_leaves_the_folder_is_refused(string location)
    {
        // The file exists where the path leads to, where that can be.
        folder.Write("weights.bin", Values());
        var path = Model(Tensor(location)).Save(folder, "model/model.onnx");

        Expect.Error(DiagnosticCodes.ExternalDataOutsideFolder, () => OnnxModel.Load(path));
    }

    [TestMethod]
    public void A_path_that_returns_into_the_folder_is_read()
    {
        using var model = Load(Tensor("sub/../weights.bin"), Values(), "weights.bin");

        Assert.IsTrue(model.Proto.Graph.Initializer[0].Singles().SequenceEqual(Singles()));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_link_that_leaves_the_folder_is_refused()
    {
        var outside = folder.Write("weights.bin", Values());
        var path = Model(Tensor("weights.bin")).Save(folder, "model/model.onnx");
        File.CreateSymbolicLink(folder.File("model/weights.bin"), outside);

        Expect.Error(DiagnosticCodes.ExternalDataOutsideFolder, () => OnnxModel.Load(path));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_folder_that_is_a_link_out_of_the_folder_is_refused()
    {
        folder.Write("elsewhere/weights.bin", Values());
        var path = Model(Tensor("sub/weights.bin")).Save(folder, "model/model.onnx");
        Directory.CreateSymbolicLink(folder.File("model/sub"), "../elsewhere");

        Expect.Error(DiagnosticCodes.ExternalDataOutsideFolder, () => OnnxModel.Load(path));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Links_within_the_folder_and_to_the_folder_are_followed()
    {
        folder.Write("model/weights.bin", Values());
        Model(Tensor("link.bin")).Save(folder, "model/model.onnx");
        File.CreateSymbolicLink(folder.File("model/link.bin"), "weights.bin");
        Directory.CreateSymbolicLink(folder.File("linked"), folder.File("model"));

        using var model = OnnxModel.Load(folder.File("linked/model.onnx"));

        Assert.IsTrue(model.Proto.Graph.Initializer[0].Singles().SequenceEqual(Singles()));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void A_link_to_itself_is_missing()
    {
        var path = Model(Tensor("weights.bin")).Save(folder);
        File.CreateSymbolicLink(folder.File("weights.bin"), "weights.bin");

        Expect.Error(DiagnosticCodes.ExternalDataMissing, () => OnnxModel.Load(path));
    }

    [TestMethod]
    public void A_missing_file_is_missing() =>
        Expect.Error(DiagnosticCodes.ExternalDataMissing, () => OnnxModel.Load(Model(Tensor("weights.bin")).Save(folder)));

    [TestMethod]
    public void A_folder_in_its_place_is_missing()
    {
        Directory.CreateDirectory(folder.File("weights.bin"));

        Expect.Error(DiagnosticCodes.ExternalDataMissing, () => OnnxModel.Load(Model(Tensor("weights.bin")).Save(folder)));
    }

    [TestMethod]
    [DataRow(Bytes - 1, "0")]
    [DataRow(Bytes, "1")]
    [DataRow(Bytes, "9223372036854775807")]
    [DataRow(0, "0")]
    public void A_range_beyond_the_end_of_the_file_is_missing(int fileLength, string offset) =>
        ExpectError(DiagnosticCodes.ExternalDataMissing, new byte[fileLength], ("offset", offset), ("length", $"{Bytes}"));

    [TestMethod]
    [DataRow("offset", "-4")]
    [DataRow("offset", "four")]
    [DataRow("length", "1e3")]
    [DataRow("length", "99999999999999999999")]
    public void A_range_that_is_no_number_is_an_error(string key, string value) => ExpectError(DiagnosticCodes.NotAnOnnxModel, Values(), (key, value));

    [TestMethod]
    public void A_length_that_does_not_fit_the_shape_is_an_error() => ExpectError(DiagnosticCodes.NotAnOnnxModel, Values(), ("length", $"{Bytes - 4}"));

    [TestMethod]
    public void External_data_without_a_location_is_an_error()
    {
        var tensor = Tensor("weights.bin");
        tensor.ExternalData.Clear();

        Expect.Error(DiagnosticCodes.NotAnOnnxModel, () => OnnxModel.Load(Model(tensor).Save(folder)));
    }

    private static float[] Singles() => [.. Enumerable.Range(0, Size).Select(value => (float)value)];

    private static byte[] Values() => System.Runtime.InteropServices.MemoryMarshal.AsBytes(Singles().AsSpan()).ToArray();

    private static TensorProto Tensor(string location, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { DataType = (int)DataType.Float, Dims = { Size }, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return tensor;
    }

    private static ModelBuilder Model(TensorProto weight) => ModelBuilder.Create()
        .Input("x", Size)
        .Constant("w", weight)
        .Node("Add", ["x", "w"], ["y"])
        .Output("y", Size);

    private OnnxModel Load(TensorProto weight, byte[] content, string? file = null)
    {
        folder.Write(file ?? weight.ExternalData[0].Value, content);
        return Model(weight).Load(folder);
    }

    private void ExpectError(string code, byte[] content, params (string Key, string Value)[] entries) =>
        Expect.Error(code, () => Load(Tensor("weights.bin", entries), content).Dispose());
}
