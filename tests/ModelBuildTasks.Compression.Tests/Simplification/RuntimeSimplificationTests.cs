using Google.Protobuf;
using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Simplification;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;
using DataType = ModelBuildTasks.Compression.Onnx.TensorProto.Types.DataType;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class RuntimeSimplificationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [TestMethod]
    public void Only_the_operator_sets_that_nodes_need_are_imported() =>
        Assert.AreEqual("", Domains(ModelBuilder.Create().Input("x", 2).Node("Relu", ["x"], ["y"]).Output("y", 2)));

    [TestMethod]
    public void The_operator_set_of_a_node_in_a_subgraph_stays()
    {
        var body = ModelBuilder.Subgraph(graph =>
        {
            graph.Node("com.microsoft", "Gelu", ["x"], ["z"], "gelu");
            graph.Output("z");
        });

        Assert.AreEqual(" com.microsoft", Domains(ModelBuilder.Create()
            .Import("com.microsoft", 1)
            .Input("condition", DataType.Bool)
            .Input("x", 2)
            .Node("If", ["condition"], ["y"], ("then_branch", body), ("else_branch", body))
            .Output("y", 2)));
    }

    [TestMethod]
    public void Batch_normalization_is_folded_into_the_convolution()
    {
        using var model = RuntimeSimplification.Load(
            ModelBuilder.Create()
                .Input("x", 1, 1, 2, 2)
                .Constant("w", [2f], 1, 1, 1, 1)
                .Constant("scale", [3f], 1)
                .Constant("shift", [0f], 1)
                .Constant("mean", [0f], 1)
                .Constant("variance", [1f], 1)
                .Node("Conv", ["x", "w"], ["c"])
                .Node("BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["y"], ("epsilon", 0f))
                .Output("y", 1, 1, 2, 2)
                .Save(folder),
            folder.Path);

        Assert.AreEqual("Conv", string.Join(' ', model.Proto.Graph.Node.Select(node => node.OpType)));
        Assert.AreEqual(6f, model.Proto.Graph.Initializer.Single(tensor => tensor.Dims.Count == 4).Singles()[0]);
    }

    [TestMethod]
    public void The_functions_of_a_model_are_written_out_so_that_the_layers_in_them_are_seen()
    {
        var proto = ModelBuilder.Create().Import("com.example", 1).Input("x", 4, 8).Constant("w", RandomTensors.Weight(1, 8, 8)).Node("com.example", "Dense", ["x", "w"], ["y"], "dense").Output("y", 4, 8).Build();
        var function = new FunctionProto { Name = "Dense", Domain = "com.example" };
        function.Input.AddRange(["a", "b"]);
        function.Output.Add("r");
        function.Node.Add(ModelBuilder.NewNode("MatMul", ["a", "b"], ["p"]));
        function.Node.Add(ModelBuilder.NewNode("Relu", ["p"], ["r"]));
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        proto.Functions.Add(function);

        using var model = RuntimeSimplification.Load(folder.Write("model.onnx", proto.ToByteArray()), folder.Path);

        Assert.AreEqual("MatMul Relu", string.Join(' ', model.Proto.Graph.Node.Select(node => node.OpType)));
        Assert.IsEmpty(model.Proto.Functions);
    }

    [TestMethod]
    public void Weights_that_are_inputs_with_a_default_become_constants()
    {
        using var model = RuntimeSimplification.Load(
            ModelBuilder.Create().Input("x", 1, 2, 4, 4).Input("w", 2, 2, 1, 1).Input("b", 2).Constant("w", [1f, 2, 3, 4], 2, 2, 1, 1).Constant("b", [5f, 6], 2)
                .Node("Conv", ["x", "w", "b"], ["y"]).Output("y", 1, 2, 4, 4).Save(folder),
            folder.Path);

        Assert.AreEqual("x", string.Join(' ', model.Proto.Graph.Input.Select(input => input.Name)));
        CollectionAssert.AreEqual(new[] { 5f, 6 }, model.Proto.Graph.Initializer.Single(tensor => tensor.Dims.Count == 1).Singles().ToArray());
    }

    [TestMethod]
    public void A_default_that_is_no_weight_stays_an_input()
    {
        using var model = RuntimeSimplification.Load(
            ModelBuilder.Create().Input("x", 2, 2).Input("state", 2, 2).Input("w", 2, 2).Constant("state", [0f, 0, 0, 0], 2, 2).Constant("w", [1f, 2, 3, 4], 2, 2)
                .Node("MatMul", ["x", "w"], ["p"]).Node("Add", ["p", "state"], ["q"]).Node("Add", ["q", "w"], ["y"]).Output("y", 2, 2).Save(folder),
            folder.Path);

        Assert.AreEqual("x state w", string.Join(' ', model.Proto.Graph.Input.Select(input => input.Name)));
    }

    [TestMethod]
    public void External_data_is_in_the_simplified_model()
    {
        var values = Enumerable.Range(0, 5000).Select(value => (float)value).ToArray();
        using var source = ModelBuilder.Create().Input("x", 5000).Constant("w", values, 5000).Node("Add", ["x", "w"], ["y"]).Output("y", 5000).Load(folder);
        Directory.CreateDirectory(folder.File("model"));
        Directory.CreateDirectory(folder.File("work"));
        ExternalDataWriter.Write(source.Proto, folder.File("model/model.onnx"), source.Path);

        using var model = RuntimeSimplification.Load(folder.File("model/model.onnx"), folder.File("work"));

        Assert.IsTrue(File.Exists(folder.File("work/simplified.onnx")));
        Assert.IsTrue(model.Proto.Graph.Initializer.Single().Singles().SequenceEqual(values));
        Assert.AreEqual(folder.File("model/model.onnx"), model.Path);
    }

    private string Domains(ModelBuilder builder)
    {
        using var model = RuntimeSimplification.Load(builder.Save(folder), folder.Path);
        return string.Join(' ', model.Proto.OpsetImport.Select(import => OnnxModel.CanonicalDomain(import.Domain)).Order(StringComparer.Ordinal));
    }
}
