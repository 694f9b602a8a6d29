using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class GraphEditsTests
{
    [TestMethod]
    public void An_unchanged_graph_keeps_its_order()
    {
        // Two branches in an order that no traversal from the outputs would give.
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1)
            .Node("Exp", ["x"], ["b1"])
            .Node("Neg", ["x"], ["a1"])
            .Node("Abs", ["b1"], ["b2"])
            .Node("Relu", ["a1"], ["a2"])
            .Node("Add", ["a2", "b2"], ["y"])
            .Node("Sin", ["x"], ["unused"])
            .Output("y").Build().Graph);

        Assert.AreEqual("Exp Neg Abs Relu Add Sin", Committed(graph));
    }

    [TestMethod]
    public void A_graph_that_came_unsorted_is_sorted()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1)
            .Node("Add", ["b", "a"], ["y"])
            .Node("Relu", ["a"], ["b"])
            .Node("Mul", ["x", "x"], ["a"])
            .Output("y").Build().Graph);

        Assert.AreEqual("Mul Relu Add", Committed(graph));
    }

    [TestMethod]
    public void A_value_that_only_a_subgraph_reads_comes_before_it()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1)
            .Node("If", ["x"], ["y"], ("then_branch", ModelBuilder.Subgraph(then => then.Node("Neg", ["a"], ["t"]).Output("t"))))
            .Node("Relu", ["x"], ["a"])
            .Output("y").Build().Graph);

        Assert.AreEqual("Relu If", Committed(graph));
    }

    [TestMethod]
    public void A_very_long_chain_is_sorted()
    {
        const int Length = 50_000;
        var builder = ModelBuilder.Create().Input("v0", 1);
        for (var i = Length; i > 0; i--)
        {
            builder.Node("Relu", [$"v{i - 1}"], [$"v{i}"], name: $"{i}");
        }

        var graph = new OnnxGraph(builder.Output($"v{Length}").Build().Graph);

        Assert.AreEqual("1", graph.Nodes[0].Name);
        Assert.AreEqual($"{Length}", graph.Nodes[^1].Name);
    }

    [TestMethod]
    public void A_node_added_between_two_others_stands_between_them()
    {
        var graph = Chain();

        graph.SetInput(graph.Producer("b")!, 0, "negated");
        graph.Add(ModelBuilder.NewNode("Neg", ["a"], ["negated"]));

        Assert.AreEqual("Mul Neg Relu Add", Committed(graph));
        Assert.AreEqual("Relu", graph.Consumers("negated").Single().Node.OpType);
    }

    [TestMethod]
    public void A_node_can_take_over_a_graph_output()
    {
        var graph = Chain();
        var add = graph.Producer("y")!;

        // The new node writes the output before the old one has let go of it.
        graph.Add(ModelBuilder.NewNode("Neg", ["sum"], ["y"]));
        graph.SetOutput(add, 0, "sum");

        Assert.AreEqual("Neg", graph.Producer("y")!.OpType);
        Assert.AreEqual("Mul Relu Add Neg", Committed(graph));
    }

    [TestMethod]
    public void Producers_and_consumers_follow_every_edit()
    {
        var graph = Chain();
        var (mul, relu, add) = (graph.Nodes[0], graph.Nodes[1], graph.Nodes[2]);

        graph.SetInput(add, 1, "x");
        Assert.AreEqual("Relu0", Uses(graph, "a"));
        Assert.AreEqual("Mul0 Add1", Uses(graph, "x"));

        graph.SetOutput(mul, 0, "c");
        Assert.IsNull(graph.Producer("a"));
        Assert.AreSame(mul, graph.Producer("c"));
        Assert.AreEqual("Relu0", Uses(graph, "a"));

        graph.Remove(relu);
        Assert.IsNull(graph.Producer("b"));
        Assert.AreEqual("", Uses(graph, "a"));
        Assert.AreEqual("Mul Add", Committed(graph));
    }

    [TestMethod]
    public void A_node_that_reads_a_value_twice_has_two_uses()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1).Node("Mul", ["x", "x"], ["y"]).Output("y").Build().Graph);

        Assert.AreEqual("Mul0 Mul1", Uses(graph, "x"));
        graph.SetInput(graph.Nodes[0], 0, "z");
        Assert.AreEqual("Mul1", Uses(graph, "x"));
    }

    [TestMethod]
    public void An_input_beyond_the_last_is_added()
    {
        var graph = Chain();
        var relu = graph.Producer("b")!;

        graph.SetInput(relu, 2, "x");

        CollectionAssert.AreEqual(new[] { "a", "", "x" }, relu.Input.ToArray());
        Assert.AreEqual("Mul0 Relu2", Uses(graph, "x"));
    }

    [TestMethod]
    public void Readers_of_a_value_can_be_given_another_one_inside_subgraphs_too()
    {
        var inner = ModelBuilder.Subgraph(then => then.Node("Neg", ["a"], ["t"]).Output("t"));
        var hiding = ModelBuilder.Subgraph(other => other.Constant("a", [1f]).Node("Neg", ["a"], ["t"]).Output("t"));
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1)
            .Node("Relu", ["x"], ["a"])
            .Node("If", ["a"], ["y"], ("then_branch", inner), ("else_branch", hiding))
            .Output("y").Output("a").Build().Graph);

        graph.ReplaceUses("a", "x");

        Assert.AreEqual("", Uses(graph, "a"));
        Assert.AreEqual("Relu0 If0 If-1", Uses(graph, "x"));
        Assert.AreEqual("x", graph.Nodes[1].Attribute[0].G.Node[0].Input[0]);
        Assert.AreEqual("a", graph.Nodes[1].Attribute[1].G.Node[0].Input[0]);
        Assert.IsTrue(graph.IsGraphOutput("a"));
    }

    [TestMethod]
    public void A_renamed_value_has_its_new_name_wherever_it_stands()
    {
        var graph = new OnnxGraph(ModelBuilder.Create().Input("x", 1)
            .Constant("w", [1f])
            .Node("Mul", ["x", "w"], ["a"])
            .Node("If", ["a"], ["y"], ("then_branch", ModelBuilder.Subgraph(then => then.Node("Mul", ["a", "w"], ["t"]).Output("t"))))
            .Inner("a", 1)
            .Output("y").Build().Graph);

        Assert.AreEqual("t_1", graph.Rename("a", "t"));
        Assert.AreEqual("weight", graph.Rename("w", "weight"));

        Assert.AreEqual("If0 If-1", Uses(graph, "t_1"));
        Assert.AreEqual("Mul1 If-1", Uses(graph, "weight"));
        Assert.AreEqual("Mul", graph.Producer("t_1")!.OpType);
        Assert.AreEqual("t_1", graph.Proto.ValueInfo[0].Name);
        Assert.IsNotNull(graph.Constant("weight"));
        Assert.IsNull(graph.Constant("w"));
    }

    [TestMethod]
    public void Inputs_and_outputs_of_the_graph_keep_their_names()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Chain().Rename("x", "z"));
        Assert.ThrowsExactly<ArgumentException>(() => Chain().Rename("y", "z"));
    }

    [TestMethod]
    public void A_cycle_is_refused()
    {
        var graph = Chain();

        graph.SetInput(graph.Producer("a")!, 1, "y");

        Assert.ThrowsExactly<InvalidOperationException>(graph.Commit);
    }

    [TestMethod]
    public void A_node_is_added_once()
    {
        var graph = Chain();

        Assert.ThrowsExactly<ArgumentException>(() => graph.Add(graph.Nodes[0]));
    }

    [TestMethod]
    public void Snapshots_can_be_iterated_while_editing()
    {
        var graph = Chain();
        foreach (var node in graph.Nodes)
        {
            foreach (var use in graph.Consumers(node.Output[0]))
            {
                var name = graph.UniqueName("inserted");
                graph.Add(ModelBuilder.NewNode("Identity", [node.Output[0]], [name]));
                graph.SetInput(use.Node, use.Index, name);
            }
        }

        Assert.AreEqual("Mul Identity Relu Identity Identity Add", Committed(graph));
    }

    private static OnnxGraph Chain() => new(ModelBuilder.Create()
        .Input("x", 1, 4)
        .Constant("w", [1f, 2, 3, 4], 4)
        .Node("Mul", ["x", "w"], ["a"])
        .Node("Relu", ["a"], ["b"])
        .Node("Add", ["b", "a"], ["y"])
        .Output("y", 1, 4)
        .Build().Graph);

    private static string Uses(OnnxGraph graph, string value) => string.Join(' ', graph.Consumers(value).Select(use => $"{use.Node.OpType}{use.Index}"));

    private static string Committed(OnnxGraph graph)
    {
        graph.Commit();
        return string.Join(' ', graph.Proto.Node.Select(node => node.OpType));
    }
}
