using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class InnerGraphTests
{
    [TestMethod]
    public void A_constant_of_the_graph_around_is_one_inside_unless_its_name_is_defined_there()
    {
        var graph = Holder(branch => branch.Input("hidden", 1).Constant("own", [3f]).Node("Neg", ["x"], ["computed"]).Node("Add", ["computed", "own"], ["z"]).Output("z"));
        var inner = graph.Inner(graph.Nodes[^1]).Single();

        Assert.AreEqual(1f, inner.Constant("outside")!.Singles()[0]);
        Assert.AreEqual(3f, inner.Constant("own")!.Singles()[0]);
        Assert.IsNull(inner.Constant("hidden"));
        Assert.IsNull(inner.Constant("computed"));
        Assert.IsNull(inner.Constant("x"));
    }

    [TestMethod]
    public void The_owner_of_a_name_is_the_nearest_graph_that_defines_it()
    {
        var graph = Holder(branch => branch.Constant("own", [3f]).Node("Neg", ["x"], ["z"]).Output("z"));
        var inner = graph.Inner(graph.Nodes[^1]).Single();

        Assert.AreSame(inner, inner.Owner("own"));
        Assert.AreSame(inner, inner.Owner("z"));
        Assert.AreSame(graph, inner.Owner("outside"));
        Assert.AreSame(graph, inner.Owner("x"));
        Assert.IsNull(inner.Owner("nowhere"));
        Assert.IsNull(graph.Owner("own"));
    }

    [TestMethod]
    public void Names_are_unique_across_a_graph_and_what_it_holds()
    {
        var graph = Holder(branch => branch.Node("Neg", ["x"], ["z"]).Output("z"));
        var inner = graph.Inner(graph.Nodes[^1]).Single();

        var added = inner.AddInitializer(TensorValues.Create("outside", [1f]));

        Assert.AreEqual("outside_1", added);
        Assert.AreEqual("outside_2", graph.UniqueName("outside"));
    }

    [TestMethod]
    public void What_is_committed_inside_counts_as_a_use_outside()
    {
        var graph = Holder(branch => branch.Node("Neg", ["x"], ["z"]).Output("z"));
        var holder = graph.Nodes[^1];
        var inner = graph.Inner(holder).Single();
        inner.SetInput(inner.Nodes[0], 0, "outside");
        Assert.IsEmpty(graph.Consumers("outside"));

        inner.Commit();

        Assert.AreSame(holder, graph.Consumers("outside").Single().Node);
        Assert.AreEqual(-1, graph.Consumers("outside").Single().Index);
        Assert.IsFalse(graph.Consumers("x").Any(use => use.Index == -1));
    }

    private static OnnxGraph Holder(Action<ModelBuilder> branch) => new(ModelBuilder.Create().Input("x", 1).Input("c", 1).Constant("outside", [1f])
        .Node("Optional", ["c"], ["y"], ("body", ModelBuilder.Subgraph(branch))).Output("y").Build().Graph);
}
