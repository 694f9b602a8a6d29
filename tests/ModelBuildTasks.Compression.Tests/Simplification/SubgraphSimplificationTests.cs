using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Simplification;

/// <summary>What is found in a branch is simplified there, and what a branch reads of the graph around it stays as it is. Each model runs through either branch.</summary>
[TestClass]
public sealed class SubgraphSimplificationTests
{
    [TestMethod]
    [DataRow(9, 4, true)]
    [DataRow(9, 4, false)]
    [DataRow(13, 7, true)]
    [DataRow(14, 7, true)]
    public void HardSwish_of_a_branch_is_one_operator_and_raises_the_model(int opset, int irVersion, bool then)
    {
        using var graph = Simplified(Start(opset, irVersion), then, branch =>
        {
            branch.ConstantNode("three", TensorValues.Create("", [3f])).ConstantNode("six", TensorValues.Create("", [6f])).Node("Add", ["x", "three"], ["a"]);
            _ = opset < 11 ? branch.Node("Clip", ["a"], ["c"], ("min", 0f), ("max", 6f)) : branch.ConstantNode("zero", TensorValues.Create("", [0f])).Node("Clip", ["a", "zero", "six"], ["c"]);
            branch.Node("Mul", ["x", "c"], ["m"]).Node("Div", ["m", "six"], ["t"]);
        });

        Assert.AreEqual("HardSwish", Operators(graph));
        Assert.AreEqual(14, graph.Opset);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Gelu_of_a_branch_is_one_operator_with_constants_of_the_graph_around_it(bool then)
    {
        using var graph = Simplified(Start(20, 9).Constant("root", [0.70710677f]).Constant("one", [1f]), then, branch => branch.Constant("half", [0.5f])
            .Node("Mul", ["x", "root"], ["s"]).Node("Erf", ["s"], ["e"]).Node("Add", ["one", "e"], ["a"]).Node("Mul", ["x", "half"], ["h"]).Node("Mul", ["h", "a"], ["t"]));

        Assert.AreEqual("Gelu", Operators(graph));
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Layer_normalization_of_a_branch_is_one_operator(bool then)
    {
        using var graph = Simplified(Start(17, 8).Constant("g", RandomTensors.Row(1, Width)).Constant("b", RandomTensors.Row(2, Width)), then, branch => branch.Constant("two", [2f]).Constant("eps", [1e-5f])
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new[] { -1 })).Node("Sub", ["x", "mean"], ["d"]).Node("Pow", ["d", "two"], ["q"]).Node("ReduceMean", ["q"], ["var"], ("axes", new[] { -1 }))
            .Node("Add", ["var", "eps"], ["sum"]).Node("Sqrt", ["sum"], ["sd"]).Node("Div", ["d", "sd"], ["n"]).Node("Mul", ["n", "g"], ["m"]).Node("Add", ["m", "b"], ["t"]));

        Assert.AreEqual("LayerNormalization", Operators(graph));
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Factors_and_terms_of_a_branch_fold_into_its_convolution(bool then)
    {
        using var graph = Simplified(Start(13, 8).Constant("scale", RandomTensors.Row(1, 1, Channels, 1, 1)), then, branch => branch.Constant("w", RandomTensors.Weight(2, Channels, Channels, 1, 1)).Constant("shift", RandomTensors.Row(3, 1, Channels, 1, 1))
            .Node("Conv", ["x", "w"], ["c"]).Node("Mul", ["c", "scale"], ["m"]).Node("Add", ["m", "shift"], ["t"]));

        Assert.AreEqual("Conv", Operators(graph));
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_weight_that_both_branches_read_is_changed_for_neither(bool then)
    {
        var scaled = ModelBuilder.Subgraph(branch => branch.Node("Conv", ["x", "w"], ["c"]).Node("Mul", ["c", "scale"], ["t"]).Output("t"));
        var plain = ModelBuilder.Subgraph(branch => branch.Node("Conv", ["x", "w"], ["t"]).Output("t"));
        using var graph = new SimplifiedGraph(Choice(Start(13, 8).Constant("w", RandomTensors.Weight(2, Channels, Channels, 1, 1)).Constant("scale", RandomTensors.Row(1, 1, Channels, 1, 1)), then, scaled, plain));

        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_value_that_a_branch_reads_is_not_scaled(bool then)
    {
        var builder = Start(13, 8).Constant("w", RandomTensors.Weight(2, Channels, Channels, 1, 1)).Constant("scale", RandomTensors.Row(1, 1, Channels, 1, 1)).Node("Conv", ["x", "w"], ["c"]).Node("Mul", ["c", "scale"], ["m"]);
        var reads = ModelBuilder.Subgraph(branch => branch.Node("Add", ["c", "m"], ["t"]).Output("t"));
        var negates = ModelBuilder.Subgraph(branch => branch.Node("Neg", ["m"], ["t"]).Output("t"));
        using var graph = new SimplifiedGraph(Choice(builder, then, reads, negates));

        Assert.Contains("Conv Mul", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_part_of_HardSwish_that_a_branch_reads_leaves_it_alone(bool then)
    {
        var builder = Start(14, 8).Constant("three", [3f]).Constant("zero", [0f]).Constant("six", [6f]).Node("Add", ["x", "three"], ["a"]).Node("Clip", ["a", "zero", "six"], ["c"]).Node("Mul", ["x", "c"], ["p"]).Node("Div", ["p", "six"], ["h"]);
        var reads = ModelBuilder.Subgraph(branch => branch.Node("Add", ["c", "h"], ["t"]).Output("t"));
        var negates = ModelBuilder.Subgraph(branch => branch.Node("Neg", ["h"], ["t"]).Output("t"));
        using var graph = new SimplifiedGraph(Choice(builder, then, reads, negates));

        Assert.DoesNotContain("HardSwish", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_branch_that_gives_on_what_it_takes_keeps_its_node(bool then)
    {
        using var graph = Simplified(Start(13, 8), then, branch => branch.Node("Identity", ["x"], ["t"]));

        Assert.AreEqual("Identity", Operators(graph));
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void An_identity_inside_a_branch_is_removed_and_one_whose_value_a_branch_reads_stays(bool then)
    {
        using var graph = Simplified(Start(13, 8).Node("Identity", ["x"], ["outer"]), then, branch => branch.Node("Identity", ["outer"], ["inner"]).Node("Neg", ["inner"], ["t"]));

        Assert.AreEqual("Neg", Operators(graph));
        Assert.Contains("Identity", graph.Operators);
        graph.AssertSame();
    }

    private const int Channels = 4;
    private const int Width = 6;

    private static ModelBuilder Start(int opset, int irVersion) => ModelBuilder.Create(opset, irVersion).Input("x", 1, Channels, 5, Width);

    /// <summary>A model of which one branch is what is asked for and the other a negation.</summary>
    private static SimplifiedGraph Simplified(ModelBuilder builder, bool then, Action<ModelBuilder> build) => new(Choice(
        builder,
        then,
        ModelBuilder.Subgraph(branch =>
        {
            build(branch);
            branch.Output("t");
        }),
        ModelBuilder.Subgraph(branch => branch.Node("Neg", ["x"], ["e"]).Output("e"))));

    private static ModelBuilder Choice(ModelBuilder builder, bool then, GraphProto first, GraphProto second) => builder
        // Numbers of the input are not that large.
        .Constant("threshold", [then ? 1000f : -1000f]).Node("ReduceMax", ["x"], ["greatest"], ("keepdims", 0)).Node("Less", ["greatest", "threshold"], ["isLess"])
        .Node("If", ["isLess"], ["y"], ("then_branch", first), ("else_branch", second)).Output("y");

    private static string Operators(SimplifiedGraph graph) =>
        string.Join(' ', graph.Graph.Node.Single(node => node.OpType == "If").Attribute.Single(attribute => attribute.Name == "then_branch").G.Node.Select(node => node.OpType).Where(operation => operation != "Constant"));
}
