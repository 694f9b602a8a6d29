using ModelBuildTasks.Compression.Tests.Modeling;
using ModelBuildTasks.Compression.Tests.Quantization;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class LayerNormalizationTests
{
    [TestMethod]
    [DataRow("Pow", "Div")]
    [DataRow("Mul", "Div")]
    [DataRow("Pow", "Reciprocal")]
    [DataRow("Mul", "Reciprocal")]
    [DataRow("two differences", "Div")]
    public void It_is_one_operator_from_17_on(string square, string quotient)
    {
        using var graph = new SimplifiedGraph(Normalization(17, square, quotient).Output("y", 2, 3, 8));

        Assert.AreEqual("LayerNormalization", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow("Mul", "Div")]
    [DataRow("Pow", "Reciprocal")]
    [DataRow("two differences", "Div")]
    public void Below_it_gets_the_form_that_the_runtime_fuses(string square, string quotient)
    {
        using var graph = new SimplifiedGraph(Normalization(13, square, quotient).Output("y", 2, 3, 8));

        Assert.AreEqual("ReduceMean Sub Pow ReduceMean Add Sqrt Div Mul Add", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    public void A_deviation_that_is_read_elsewhere_leaves_it_alone() => StringAssert.Contains(
        SimplifiedGraph.OperatorsOf(Normalization(17, "Pow", "Div").Output("y", 2, 3, 8).Output("sd", 2, 3, 1)), "Sqrt");

    /// <summary>y is x normalized over its last axis.</summary>
    internal static ModelBuilder Normalization(int opset, string square, string quotient)
    {
        var builder = ModelBuilder.Create(opset).Input("x", 2, 3, 8).Constant("two", [2f]).Constant("eps", [1e-5f]).Constant("g", RandomTensors.Row(1, 8)).Constant("b", RandomTensors.Row(2, 8))
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new[] { -1 })).Node("Sub", ["x", "mean"], ["d"]);
        _ = square == "two differences" ? builder.Node("Sub", ["x", "mean"], ["e"]).Node("Pow", ["e", "two"], ["q"])
            : square == "Pow" ? builder.Node("Pow", ["d", "two"], ["q"]) : builder.Node("Mul", ["d", "d"], ["q"]);
        builder.Node("ReduceMean", ["q"], ["var"], ("axes", new[] { -1 })).Node("Add", ["var", "eps"], ["sum"]).Node("Sqrt", ["sum"], ["sd"]);
        _ = quotient == "Div" ? builder.Node("Div", ["d", "sd"], ["n"]) : builder.Node("Reciprocal", ["sd"], ["r"]).Node("Mul", ["d", "r"], ["n"]);
        return builder.Node("Mul", ["n", "g"], ["m"]).Node("Add", ["m", "b"], ["y"]);
    }
}
