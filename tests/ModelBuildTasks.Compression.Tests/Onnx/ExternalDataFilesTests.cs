using Google.Protobuf;
using ModelBuildTasks.Compression.Diagnostics;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class ExternalDataFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void A_model_that_holds_its_weights_has_no_other_files() =>
        Assert.IsEmpty(ExternalDataFiles.Of(ModelBuilder.Create().Input("x", 1).Constant("w", [1f], 1).Node("Add", ["x", "w"], ["y"]).Output("y", 1).Save(folder)));

    [TestMethod]
    public void Files_are_found_wherever_a_tensor_can_be_each_once_and_in_order()
    {
        foreach (var name in new[] { "a.bin", "b.bin", "c.bin", "d.bin", "e.bin", "f.bin", "g.bin", "h.bin" })
        {
            folder.Write(name, [1, 2, 3, 4]);
        }

        var body = ModelBuilder.Subgraph(graph => graph.Constant("inner", External("c.bin")).Node("Identity", ["inner"], ["z"]).Output("z"));
        var model = ModelBuilder.Create()
            .Input("x", 1)
            .Constant("w", External("b.bin"))
            .Constant("again", External("b.bin"))
            .ConstantNode("k", External("a.bin"))
            .Node("If", ["x"], ["y"], ("then_branch", body), ("else_branch", body))
            .Output("y", 1)
            .Build();
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = External("e.bin") });
        var function = new FunctionProto { Name = "f" };
        function.Node.Add(ModelBuilder.NewNode("Constant", [], ["v"], ("value", External("d.bin"))));
        function.AttributeProto.Add(new AttributeProto { Name = "default", T = External("f.bin") });
        model.Functions.Add(function);
        model.TrainingInfo.Add(new TrainingInfoProto
        {
            Initialization = ModelBuilder.Subgraph(graph => graph.Constant("start", External("g.bin"))),
            Algorithm = ModelBuilder.Subgraph(graph => graph.Constant("rate", External("h.bin"))),
        });

        var files = ExternalDataFiles.Of(folder.Write("model.onnx", model.ToByteArray()));

        CollectionAssert.AreEqual(new[] { "a.bin", "b.bin", "c.bin", "d.bin", "e.bin", "f.bin", "g.bin", "h.bin" }, files.Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_missing_file_is_an_error() => AssertRefused("missing.bin", DiagnosticCodes.ExternalDataMissing);

    [TestMethod]
    public void A_file_outside_the_folder_is_an_error() => AssertRefused("../other.bin", DiagnosticCodes.ExternalDataOutsideFolder);

    private void AssertRefused(string location, string code)
    {
        var path = ModelBuilder.Create().Input("x", 1).Constant("w", External(location)).Node("Add", ["x", "w"], ["y"]).Output("y", 1).Save(folder);

        var exception = Assert.ThrowsExactly<CompressionException>(() => ExternalDataFiles.Of(path));

        Assert.AreEqual(code, exception.Code);
        Assert.AreEqual(path, exception.File);
        Assert.Contains(location, exception.Message);
    }

    private static TensorProto External(string location)
    {
        var tensor = new TensorProto { DataType = (int)DataType.Float, Dims = { 1 }, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        return tensor;
    }
}
