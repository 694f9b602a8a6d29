using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Onnx;

[TestClass]
public sealed class GraphEditsTests
{
    private static OnnxGraph Chain() => new(ModelBuilder.Create()
        .Input("x", 1, 4)
        .Constant("w", [1f, 2, 3, 4], 4)
        .Node("Mul", ["x", "w"], ["a"])
        .Node("Relu", ["a"], ["b"])
        .Node("Add", ["b", "a"], ["y"])
        .Output("y", 1, 4)
        .Build().Graph);

    private static string Order(OnnxGraph graph)
    {
        graph.Commit();
        return string.Join(' ', graph.Proto.Node.Select(node => node.OpType));
    }

    [TestMethod]
    public void An_unchanged_graph_keeps_its_order()
    {
        var graph = Chain();

        Assert.AreEqual("Mul Relu Add", Order(graph));
    }

    [TestMethod]
    public void A_node_added_between_two_others_stands_between_them()
    {
        var graph = Chain();
        var relu = graph.Producer("b")!;

        graph.SetInput(relu, 0, "negated");
        graph.Add(ModelBuilder.NewNode("Neg", ["a"], ["negated"]));

        Assert.AreEqual("Mul Neg Relu Add", Order(graph));
    }
}
