using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class IdentitiesTests
{
    [TestMethod]
    public void Nodes_that_give_what_they_take_are_removed()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create().Input("x", 2, 3).Constant("zero", [0f]).Constant("one", [1f]).Constant("none", [0L, 0, 0, 0], 4).Constant("same", [0L, 0], 2).Constant("end", [long.MaxValue], 1).Constant("start", [0L], 1)
            .Node("Identity", ["x"], ["a"]).Node("Add", ["a", "zero"], ["b"]).Node("Mul", ["one", "b"], ["c"]).Node("Pad", ["c", "none"], ["d"]).Node("Reshape", ["d", "same"], ["e"])
            .Node("Slice", ["e", "start", "end"], ["f"]).Node("Concat", ["f"], ["g"], ("axis", 0)).Node("Transpose", ["g"], ["h"], ("perm", new[] { 0, 1 })).Node("Dropout", ["h"], ["i"]).Node("Relu", ["i"], ["y"]).Output("y", 2, 3));

        Assert.AreEqual("Relu", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    public void An_output_of_the_graph_keeps_its_name()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create().Input("x", 2).Node("Relu", ["x"], ["r"]).Node("Identity", ["r"], ["y"]).Output("y", 2));

        Assert.AreEqual("Relu", graph.Operators);
        Assert.AreEqual("y", graph.Graph.Node[0].Output[0]);
    }

    [TestMethod]
    public void A_node_between_an_input_and_an_output_stays() =>
        Assert.AreEqual("Identity", SimplifiedGraph.OperatorsOf(ModelBuilder.Create().Input("x", 2).Node("Identity", ["x"], ["y"]).Output("y", 2)));

    [TestMethod]
    public void Two_transposes_become_one_or_none()
    {
        Assert.AreEqual("Relu", SimplifiedGraph.OperatorsOf(Transposes([1, 2, 0], [2, 0, 1])));
        using var graph = new SimplifiedGraph(Transposes([1, 2, 0], [1, 2, 0]));
        Assert.AreEqual("Transpose Relu", graph.Operators);
        CollectionAssert.AreEqual(new long[] { 2, 0, 1 }, graph.Graph.Node[0].Attribute[0].Ints.ToArray());
        graph.AssertSame();
    }

    [TestMethod]
    public void Of_two_reshapes_the_last_stays_unless_it_copies_a_dimension()
    {
        ModelBuilder Reshapes(long first) => ModelBuilder.Create().Input("x", 2, 6).Constant("a", [3L, 4], 2).Constant("b", [first, 2, -1], 3).Node("Reshape", ["x", "a"], ["r"]).Node("Reshape", ["r", "b"], ["y"]).Output("y");
        Assert.AreEqual("Reshape", SimplifiedGraph.OperatorsOf(Reshapes(3)));
        Assert.AreEqual("Reshape Reshape", SimplifiedGraph.OperatorsOf(Reshapes(0)));
    }

    private static ModelBuilder Transposes(long[] first, long[] second) => ModelBuilder.Create().Input("x", 2, 3, 4)
        .Node("Transpose", ["x"], ["t"], ("perm", first)).Node("Transpose", ["t"], ["u"], ("perm", second)).Node("Relu", ["u"], ["y"]).Output("y");
}
