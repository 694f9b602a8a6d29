using ModelBuildTasks.Compression.Onnx;
using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Simplification;

[TestClass]
public sealed class ActivationTests
{
    [TestMethod]
    [DataRow("x*c/6")]
    [DataRow("x*c*sixth")]
    [DataRow("x*(c/6)")]
    [DataRow("(x/6)*c")]
    [DataRow("c*x*sixth")]
    [DataRow("x*gate")]
    public void HardSwish_is_one_operator_in_whichever_order_it_is_multiplied(string form)
    {
        using var graph = new SimplifiedGraph(Product(Numbers(14).Node("Add", ["x", "three"], ["a"]).Node("Clip", ["a", "zero", "six"], ["c"]), form));

        Assert.AreEqual("HardSwish", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow("Min Max")]
    [DataRow("Max Min")]
    [DataRow("Relu Min")]
    public void A_limit_may_be_a_minimum_and_a_maximum(string limit)
    {
        var builder = Numbers(14).Node("Add", ["three", "x"], ["a"]);
        _ = limit switch
        {
            "Min Max" => builder.Node("Min", ["a", "six"], ["i"]).Node("Max", ["i", "zero"], ["c"]),
            "Max Min" => builder.Node("Max", ["a", "zero"], ["i"]).Node("Min", ["six", "i"], ["c"]),
            _ => builder.Node("Relu", ["a"], ["i"]).Node("Min", ["i", "six"], ["c"]),
        };

        Assert.AreEqual("HardSwish", SimplifiedGraph.OperatorsOf(Product(builder, "x*c/6")));
    }

    [TestMethod]
    [DataRow(7, 3)]
    [DataRow(9, 4)]
    [DataRow(10, 5)]
    [DataRow(13, 7)]
    public void An_older_model_is_raised_for_it(int opset, int irVersion)
    {
        using var graph = new SimplifiedGraph(Older(opset, irVersion).Node("Softmax", ["h"], ["y"], ("axis", -1)).Output("y", 2, 3));

        Assert.AreEqual(14, graph.Opset);
        Assert.AreEqual("HardSwish Softmax", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    public void A_model_that_cannot_be_raised_gets_two_operators()
    {
        using var graph = new SimplifiedGraph(Older(9, 4, rank: 3).Node("Softmax", ["h"], ["y"], ("axis", 1)).Output("y", 2, 3, 2));

        Assert.AreEqual(9, graph.Opset);
        Assert.AreEqual("HardSigmoid Mul Softmax", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(3f, 5f, 6f)]
    [DataRow(2f, 6f, 6f)]
    [DataRow(3f, 6f, 5f)]
    public void Other_numbers_are_something_else(float shift, float most, float divisor) => Assert.DoesNotContain("HardSwish", SimplifiedGraph.OperatorsOf(Product(
        ModelBuilder.Create(14).Input("x", 2, 3).Constant("three", [shift]).Constant("zero", [0f]).Constant("six", [most]).Constant("divisor", [divisor])
            .Node("Add", ["x", "three"], ["a"]).Node("Clip", ["a", "zero", "six"], ["c"]), "x*c/divisor")));

    [TestMethod]
    public void A_limit_that_something_else_reads_leaves_it_alone() => Assert.AreEqual("Add Clip Mul Div", SimplifiedGraph.OperatorsOf(Product(
        Numbers(14).Node("Add", ["x", "three"], ["a"]).Node("Clip", ["a", "zero", "six"], ["c"]).Output("c", 2, 3), "x*c/6")));

    [TestMethod]
    public void HardSigmoid_is_one_operator()
    {
        using var graph = new SimplifiedGraph(Numbers(14).Node("Add", ["x", "three"], ["a"]).Node("Clip", ["a", "zero", "six"], ["c"]).Node("Div", ["c", "six"], ["y"]).Output("y", 2, 3));

        Assert.AreEqual("HardSigmoid", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    public void A_limit_from_0_to_1_of_a_scaled_value_is_HardSigmoid()
    {
        using var graph = new SimplifiedGraph(Numbers(14).Constant("fifth", [0.2f]).Constant("half", [0.5f]).Constant("one", [1f])
            .Node("Mul", ["x", "fifth"], ["m"]).Node("Add", ["m", "half"], ["a"]).Node("Clip", ["a", "zero", "one"], ["y"]).Output("y", 2, 3));

        Assert.AreEqual("HardSigmoid", graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    [DataRow(20, "Gelu")]
    [DataRow(13, "Div Erf Add Mul Mul")]
    public void Gelu_is_one_operator_from_20_on_and_in_the_form_that_the_runtime_fuses_below(int opset, string expected)
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create(opset).Input("x", 2, 3).Constant("root", [0.70710677f]).Constant("one", [1f]).Constant("half", [0.5f])
            .Node("Mul", ["x", "root"], ["s"]).Node("Erf", ["s"], ["e"]).Node("Add", ["one", "e"], ["a"]).Node("Mul", ["x", "half"], ["h"]).Node("Mul", ["h", "a"], ["y"]).Output("y", 2, 3));

        Assert.AreEqual(expected, graph.Operators);
        graph.AssertSame();
    }

    [TestMethod]
    public void The_approximation_of_Gelu_is_one_operator_from_20_on()
    {
        using var graph = new SimplifiedGraph(ModelBuilder.Create(20).Input("x", 2, 3).Constant("k", [0.7978846f]).Constant("c", [0.044715f]).Constant("cube", [3f]).Constant("one", [1f]).Constant("half", [0.5f])
            .Node("Pow", ["x", "cube"], ["p"]).Node("Mul", ["p", "c"], ["q"]).Node("Add", ["x", "q"], ["r"]).Node("Mul", ["r", "k"], ["s"]).Node("Tanh", ["s"], ["t"]).Node("Add", ["t", "one"], ["a"])
            .Node("Mul", ["x", "a"], ["m"]).Node("Mul", ["m", "half"], ["y"]).Output("y", 2, 3));

        Assert.AreEqual("Gelu", graph.Operators);
        graph.AssertSame();
    }

    private static ModelBuilder Numbers(int opset) => ModelBuilder.Create(opset).Input("x", 2, 3).Constant("three", [3f]).Constant("zero", [0f]).Constant("six", [6f]).Constant("sixth", [1 / 6f]);

    private static ModelBuilder Older(int opset, int irVersion, int rank = 2)
    {
        var builder = (rank == 2 ? ModelBuilder.Create(opset, irVersion).Input("x", 2, 3) : ModelBuilder.Create(opset, irVersion).Input("x", 2, 3, 2)).ConstantNode("three", TensorValues.Create("", [3f])).ConstantNode("six", TensorValues.Create("", [6f]))
            .Node("Add", ["x", "three"], ["a"]);
        _ = opset < 11 ? builder.Node("Clip", ["a"], ["c"], ("min", 0f), ("max", 6f)) : builder.Constant("zero", [0f]).Node("Clip", ["a", "zero", "six"], ["c"]);
        return builder.Node("Mul", ["x", "c"], ["m"]).Node("Div", ["m", "six"], ["h"]);
    }

    private static ModelBuilder Product(ModelBuilder builder, string form) => (form switch
    {
        "x*c/6" => builder.Node("Mul", ["x", "c"], ["m"]).Node("Div", ["m", "six"], ["y"]),
        "x*c/divisor" => builder.Node("Mul", ["x", "c"], ["m"]).Node("Div", ["m", "divisor"], ["y"]),
        "x*c*sixth" => builder.Node("Mul", ["x", "c"], ["m"]).Node("Mul", ["m", "sixth"], ["y"]),
        "x*(c/6)" => builder.Node("Div", ["c", "six"], ["m"]).Node("Mul", ["x", "m"], ["y"]),
        "(x/6)*c" => builder.Node("Div", ["x", "six"], ["m"]).Node("Mul", ["m", "c"], ["y"]),
        "c*x*sixth" => builder.Node("Mul", ["c", "x"], ["m"]).Node("Mul", ["sixth", "m"], ["y"]),
        _ => builder.Node("HardSigmoid", ["x"], ["s"], ("alpha", 1 / 6f), ("beta", 0.5f)).Node("Mul", ["s", "x"], ["y"]),
    }).Output("y", 2, 3);
}
