using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class UnusedPartsTests
{
    [TestMethod]
    public void Chains_and_constants_that_nothing_reads_are_removed()
    {
        var graph = Cleaned(ModelBuilder.Create().Input("x", 1)
            .Constant("w", [1f]).Constant("unused", [1f]).Constant("dead_w", [1f])
            .ConstantNode("c", TensorValues.Create("", [1f])).ConstantNode("dead_c", TensorValues.Create("", [1f]))
            .Node("Mul", ["x", "w"], ["a"])
            .Node("Add", ["a", "c"], ["y"])
            .Node("Mul", ["a", "dead_w"], ["d1"])
            .Node("Add", ["d1", "dead_c"], ["d2"])
            .Inner("a", 1).Inner("d1", 1)
            .Output("y"));

        Assert.AreEqual("Constant Mul Add", string.Join(' ', graph.Node.Select(node => node.OpType)));
        Assert.AreEqual("w", string.Join(' ', graph.Initializer.Select(tensor => tensor.Name)));
        Assert.AreEqual("a", string.Join(' ', graph.ValueInfo.Select(info => info.Name)));
    }

    [TestMethod]
    public void What_only_a_subgraph_or_an_output_reads_stays()
    {
        var graph = Cleaned(ModelBuilder.Create().Input("x", 1)
            .Constant("w", [1f]).Constant("result", [1f])
            .Node("Relu", ["x"], ["a"])
            .Node("If", ["x"], ["y"], ("then_branch", ModelBuilder.Subgraph(then => then.Node("Mul", ["a", "w"], ["t"]).Output("t"))))
            .Output("y").Output("result"));

        Assert.HasCount(2, graph.Node);
        Assert.HasCount(2, graph.Initializer);
    }

    [TestMethod]
    public void A_node_with_one_of_its_outputs_read_stays()
    {
        var graph = Cleaned(ModelBuilder.Create().Input("x", 2).Node("Split", ["x"], ["unused", "y"]).Output("y"));

        Assert.HasCount(1, graph.Node);
    }

    [TestMethod]
    public void Graph_inputs_stay_and_with_them_the_defaults_they_override()
    {
        var graph = Cleaned(ModelBuilder.Create().Input("x", 1).Input("unused", 1).Input("w", 1).Constant("w", [1f], 1).Node("Relu", ["x"], ["y"]).Output("y"));

        Assert.HasCount(3, graph.Input);
        Assert.HasCount(1, graph.Initializer);
    }

    [TestMethod]
    public void In_old_IR_versions_an_unused_initializer_goes_with_its_input()
    {
        var proto = ModelBuilder.Create(8, irVersion: 3).Input("x", 1).Input("unused", 1).Input("w", 1).Constant("w", [1f], 1).Node("Relu", ["x"], ["y"]).Output("y").Build();
        var graph = new OnnxGraph(proto.Graph, proto.IrVersion);

        graph.RemoveUnused();

        Assert.AreEqual("x unused", string.Join(' ', proto.Graph.Input.Select(input => input.Name)));
        Assert.HasCount(0, proto.Graph.Initializer);
    }

    [TestMethod]
    public void Sparse_initializers_are_initializers()
    {
        var proto = ModelBuilder.Create().Input("x", 1).Node("Add", ["x", "used"], ["y"]).Output("y").Inner("used", 1).Build();
        proto.Graph.SparseInitializer.Add(new SparseTensorProto { Values = TensorValues.Create("used", [1f], 1) });
        proto.Graph.SparseInitializer.Add(new SparseTensorProto { Values = TensorValues.Create("unused", [1f], 1) });
        var graph = new OnnxGraph(proto.Graph);

        graph.RemoveUnused();

        Assert.AreEqual("used", proto.Graph.SparseInitializer.Single().Values.Name);
        Assert.HasCount(1, proto.Graph.ValueInfo);
    }

    [TestMethod]
    public void Annotations_keep_what_they_name_and_go_with_their_value()
    {
        var proto = ModelBuilder.Create().Input("x", 1).Constant("scale", [1f]).Node("Relu", ["x"], ["y"]).Output("y").Build();
        foreach (var value in new[] { "y", "gone" })
        {
            proto.Graph.QuantizationAnnotation.Add(new TensorAnnotation
            {
                TensorName = value,
                QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "scale" } },
            });
        }

        new OnnxGraph(proto.Graph).RemoveUnused();

        Assert.AreEqual("y", proto.Graph.QuantizationAnnotation.Single().TensorName);
        Assert.HasCount(1, proto.Graph.Initializer);
    }

    private static GraphProto Cleaned(ModelBuilder builder)
    {
        var graph = new OnnxGraph(builder.Build().Graph);
        graph.RemoveUnused();
        graph.Commit();
        return graph.Proto;
    }
}
