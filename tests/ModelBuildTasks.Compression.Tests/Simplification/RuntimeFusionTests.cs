using ModelBuildTasks.Compression.Tests.Modeling;

namespace ModelBuildTasks.Compression.Tests.Simplification;

/// <summary>Below the operator set that has them, Gelu and layer normalization get the form that ONNX Runtime makes one operator: read from the graph that it runs.</summary>
[TestClass]
public sealed class RuntimeFusionTests
{
    public static IEnumerable<object[]> Gelus =>
        from opset in new[] { 9, 13, 19 }
        from quotient in new[] { "Mul", "Div" }
        from product in new[] { "(x·½)·a", "x·(½·a)", "(x·a)·½", "½·(a·x)" }
        select new object[] { opset, quotient, product };

    [TestMethod]
    [DynamicData(nameof(Gelus))]
    public void Gelu_of_any_form_runs_as_one_operator(int opset, string quotient, string product)
    {
        var builder = ModelBuilder.Create(opset, 8).Input("x", 2, 3).Constant("root", [quotient == "Div" ? 1.4142135f : 0.70710677f]).Constant("one", [1f]).Constant("half", [0.5f])
            .Node(quotient, ["x", "root"], ["s"]).Node("Erf", ["s"], ["e"]).Node("Add", ["one", "e"], ["a"]);
        _ = product switch
        {
            "(x·½)·a" => builder.Node("Mul", ["x", "half"], ["h"]).Node("Mul", ["h", "a"], ["y"]),
            "x·(½·a)" => builder.Node("Mul", ["half", "a"], ["h"]).Node("Mul", ["x", "h"], ["y"]),
            "(x·a)·½" => builder.Node("Mul", ["x", "a"], ["h"]).Node("Mul", ["h", "half"], ["y"]),
            _ => builder.Node("Mul", ["a", "x"], ["h"]).Node("Mul", ["half", "h"], ["y"]),
        };
        using var graph = new SimplifiedGraph(builder.Output("y", 2, 3));

        Assert.AreEqual("Gelu", string.Join(' ', graph.Running()));
        graph.AssertSame();
    }

    public static IEnumerable<object[]> Normalizations =>
        from opset in new[] { 9, 12, 13, 16 }
        from form in new[] { ("Pow", "Div"), ("Mul", "Div"), ("Pow", "Reciprocal"), ("Mul", "Reciprocal"), ("two differences", "Div") }
        select new object[] { opset, form.Item1, form.Item2 };

    [TestMethod]
    [DynamicData(nameof(Normalizations))]
    public void Layer_normalization_of_any_form_runs_as_one_operator(int opset, string square, string quotient)
    {
        using var graph = new SimplifiedGraph(LayerNormalizationTests.Normalization(opset, square, quotient).Output("y", 2, 3, 8));

        Assert.AreEqual("LayerNormalization", string.Join(' ', graph.Running()));
        graph.AssertSame();
    }
}
