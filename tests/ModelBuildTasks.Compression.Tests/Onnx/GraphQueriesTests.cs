using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class GraphQueriesTests
{
    [TestMethod]
    public void Uses_inside_nested_subgraphs_belong_to_the_outermost_node()
    {
        var innermost = ModelBuilder.Subgraph(body => body.Node("Add", ["outer", "local"], ["sum"]).Output("sum"));
        var body = ModelBuilder.Subgraph(body => body.Constant("local", [1f]).Node("If", ["flag"], ["result"], ("then_branch", innermost)).Output("result").Output("passed"));
        var graph = new OnnxGraph(ModelBuilder.Create().Input("flag", 1).Input("passed", 1).Input("local", 1)
            .Node("Relu", ["flag"], ["outer"])
            .Node("Loop", ["flag"], ["y"], ("body", body))
            .Output("y").Build().Graph);

        Assert.AreEqual("Loop-1", Uses(graph, "outer"));
        Assert.AreEqual("Relu0 Loop0 Loop-1", Uses(graph, "flag"));
        Assert.AreEqual("Loop-1", Uses(graph, "passed"));
        Assert.AreEqual("", Uses(graph, "local"));
        Assert.AreEqual("", Uses(graph, "sum"));
    }

    [TestMethod]
    public void Omitted_inputs_are_no_uses()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Node("Clip", ["x", "", "x"], ["y"]).Output("y").Build().Graph);

        Assert.AreEqual("", Uses(graph, ""));
        Assert.IsNull(graph.Producer(""));
        Assert.AreEqual("Clip0 Clip2", Uses(graph, "x"));
    }

    [TestMethod]
    public void Inputs_and_outputs_are_told()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Node("Relu", ["x"], ["a"]).Node("Relu", ["a"], ["y"]).Output("y").Build().Graph);

        Assert.IsTrue(graph.IsGraphInput("x") && !graph.IsGraphInput("a") && !graph.IsGraphInput("y"));
        Assert.IsTrue(graph.IsGraphOutput("y") && !graph.IsGraphOutput("a") && !graph.IsGraphOutput("x"));
    }

    [TestMethod]
    public void An_initializer_is_a_constant()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Constant("w", [2f]).Node("Mul", ["x", "w"], ["y"]).Output("y").Build().Graph);

        Assert.AreSame(graph.Proto.Initializer[0], graph.Constant("w"));
        Assert.IsNull(graph.Constant("x"));
        Assert.IsNull(graph.Constant("y"));
    }

    [TestMethod]
    [DataRow(3, true)]
    [DataRow(4, false)]
    public void An_initializer_that_is_an_input_is_a_constant_only_in_old_IR_versions(int irVersion, bool constant)
    {
        using var folder = new TemporaryFolder();
        using var model = ModelBuilder.Create(8, irVersion).Input("x", 1).Input("w", 1).Constant("w", [2f], 1).Node("Mul", ["x", "w"], ["y"]).Output("y").Load(folder);

        Assert.AreEqual(constant, model.EditGraph().Constant("w") is not null);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("named")]
    public void The_tensor_of_a_Constant_node_is_a_constant(string name)
    {
        var graph = new OnnxGraph(ModelBuilder.Create().ConstantNode("c", TensorValues.Create("", [2f]), name).Output("c").Build().Graph);

        Assert.AreSame(graph.Nodes[0].Attribute[0].T, graph.Constant("c"));
    }

    [TestMethod]
    public void The_other_forms_of_a_Constant_node_become_tensors()
    {
        Assert.AreEqual(TensorValues.Create("c", [0.5f]), Constant("value_float", 0.5f));
        Assert.AreEqual(TensorValues.Create("c", [0.5f, 1f], 2), Constant("value_floats", new[] { 0.5f, 1f }));
        Assert.AreEqual(TensorValues.Create("c", [5L]), Constant("value_int", 5));
        Assert.AreEqual(TensorValues.Create("c", [5L, 6L], 2), Constant("value_ints", new[] { 5, 6 }));
        Assert.AreEqual(TensorValues.Create("c", Array.Empty<long>(), 0), Constant("value_ints", Array.Empty<int>()));
        Assert.IsNull(Constant("value_string", "text"));

        static TensorProto? Constant(string attribute, object value) =>
            new OnnxGraph(ModelBuilder.Create().Node("Constant", [], ["c"], (attribute, value)).Output("c").Build().Graph).Constant("c");
    }

    [TestMethod]
    public void A_Constant_of_another_domain_is_another_operator()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Node("com.example", "Constant", [], ["c"], "", ("value", TensorValues.Create("", [2f]))).Output("c").Build().Graph);

        Assert.IsNull(graph.Constant("c"));
    }

    [TestMethod]
    public void A_unique_name_avoids_every_name_anywhere()
    {
        var subgraph = ModelBuilder.Subgraph(body => body.Constant("inner", [1f]).Node("Neg", ["inner"], ["inner_out"], name: "inner_node").Output("inner_out"));
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Constant("w", [1f])
            .Node("If", ["x", "w"], ["y"], name: "node", ("then_branch", subgraph)).Inner("info", 1).Output("y").Build().Graph);

        foreach (var taken in new[] { "x", "w", "y", "node", "info", "inner", "inner_out", "inner_node" })
        {
            Assert.AreEqual($"{taken}_1", graph.UniqueName(taken));
            Assert.AreEqual($"{taken}_2", graph.UniqueName(taken));
        }

        Assert.AreEqual("free", graph.UniqueName("free"));
        Assert.AreEqual("free_1", graph.UniqueName("free"));
        Assert.AreEqual("_1", graph.UniqueName(""));
    }

    [TestMethod]
    public void A_unique_name_avoids_what_was_added()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Node("Relu", ["x"], ["y"]).Output("y").Build().Graph);

        graph.Add(ModelBuilder.NewNode("Relu", ["x"], ["a"]));
        Assert.AreEqual("w", graph.AddInitializer(TensorValues.Create("w", [1f])));

        Assert.AreEqual("a_1", graph.UniqueName("a"));
        Assert.AreEqual("w_1", graph.AddInitializer(TensorValues.Create("w", [1f])));
        Assert.AreEqual("w_1", graph.Constant("w_1")!.Name);
    }

    private static string Uses(OnnxGraph graph, string value) => string.Join(' ', graph.Consumers(value).Select(use => $"{use.Node.OpType}{use.Index}"));
}
